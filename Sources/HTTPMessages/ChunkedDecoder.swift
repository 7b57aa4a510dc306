/// Decodes the chunked transfer coding piece by piece without holding any data (RFC 9112 §7.1).
///
/// Strict: sizes are 1 to 16 hexadecimal digits, every line ends with CR LF, white space stands only before an
/// extension's semicolon. Extensions are dropped; trailers are kept for the caller, within limits.
public struct ChunkedDecoder {
    /// What the next bytes are.
    public enum Step: Sendable, Equatable {
        /// Everything given was taken in.
        case needsMore
        /// Data of the body, at this range of the bytes given.
        case data(Range<Int>)
        /// The body is complete, trailers included.
        case end
    }

    private enum State: Sendable {
        case size(digits: Int, value: Int)
        case blankBeforeExtension(value: Int, length: Int)
        case chunkExtension(value: Int, length: Int)
        case sizeLineFeed(value: Int)
        case data(remaining: Int)
        case dataCarriageReturn
        case dataLineFeed
        case trailers
        case endLineFeed
        case finished
    }

    /// Longest run of extension bytes on one chunk-size line, with the white space in front of them.
    private static let maxExtension = 1024

    private var state = State.size(digits: 0, value: 0)
    /// The trailer section with its final empty line, once the body is complete; `nil` when there is none.
    public private(set) var trailerSection: ByteWriter?
    private let maxTrailers: Int

    /// A decoder at the start of a body.
    ///
    /// - Parameter maxTrailers: the most bytes a trailer section may take.
    public init(maxTrailers: Int) {
        self.maxTrailers = maxTrailers
    }

    /// The trailer section, which is kept no longer.
    mutating func takeTrailers() -> ByteWriter? { trailerSection.take() }

    /// Whether the body is complete.
    public var isFinished: Bool {
        if case .finished = state { true } else { false }
    }

    /// Takes bytes from `position` on and moves it behind what was taken.
    public mutating func next(
        _ bytes: Span<UInt8>,
        at position: inout Int
    ) throws(MessageError) -> Step {
        while position < bytes.count {
            if case .data(let remaining) = state {
                let end = position + min(remaining, bytes.count - position)
                let piece = position..<end
                state =
                    piece.count == remaining ? .dataCarriageReturn : .data(remaining: remaining - piece.count)
                position = end
                return .data(piece)
            }
            if case .finished = state { return .end }
            try take(bytes[position])
            position += 1
        }
        return isFinished ? .end : .needsMore
    }

    private mutating func take(_ byte: UInt8) throws(MessageError) {
        switch state {
        case .size(let digits, let value): try takeSize(byte, digits: digits, value: value)
        case .blankBeforeExtension(let value, let length):
            guard length < Self.maxExtension else { throw .badChunk }
            if byte == UInt8(ascii: ";") {
                state = .chunkExtension(value: value, length: length + 1)
            } else {
                guard Octet.isBlank(byte) else { throw .badChunk }
                state = .blankBeforeExtension(value: value, length: length + 1)
            }
        case .chunkExtension(let value, let length):
            if byte == Octet.carriageReturn {
                state = .sizeLineFeed(value: value)
            } else {
                guard Octet.isFieldValue(byte), length < Self.maxExtension else { throw .badChunk }
                state = .chunkExtension(value: value, length: length + 1)
            }
        case .sizeLineFeed(let value):
            guard byte == Octet.lineFeed else { throw .badChunk }
            state = value > 0 ? .data(remaining: value) : .trailers
        case .dataCarriageReturn:
            guard byte == Octet.carriageReturn else { throw .badChunk }
            state = .dataLineFeed
        case .dataLineFeed:
            guard byte == Octet.lineFeed else { throw .badChunk }
            state = .size(digits: 0, value: 0)
        case .trailers:
            // Mostly there are none, and nothing has to be kept.
            if trailerSection == nil, byte == Octet.carriageReturn {
                state = .endLineFeed
            } else {
                try takeTrailer(byte)
            }
        case .endLineFeed:
            guard byte == Octet.lineFeed else { throw .badLineEnd }
            state = .finished
        case .data, .finished: preconditionFailure("handled by next(_:at:)")
        }
    }

    private mutating func takeSize(_ byte: UInt8, digits: Int, value: Int) throws(MessageError) {
        if let digit = Octet.hexValue(byte) {
            guard digits < 16, value <= Int.max >> 4 else { throw .badChunk }
            state = .size(digits: digits + 1, value: value << 4 | digit)
            return
        }
        guard digits > 0 else { throw .badChunk }
        switch byte {
        case Octet.carriageReturn: state = .sizeLineFeed(value: value)
        case UInt8(ascii: ";"): state = .chunkExtension(value: value, length: 1)
        case Octet.space, Octet.horizontalTab: state = .blankBeforeExtension(value: value, length: 1)
        default: throw .badChunk
        }
    }

    private mutating func takeTrailer(_ byte: UInt8) throws(MessageError) {
        let section = trailerSection ?? ByteWriter()
        trailerSection = section
        guard section.count < maxTrailers else { throw .headTooLarge }
        section.append(byte)
        guard byte == Octet.lineFeed else { return }
        let count = section.count
        guard count >= 3, section.storage[count - 2] == Octet.carriageReturn else { throw .badLineEnd }
        if section.storage[count - 3] == Octet.lineFeed { state = .finished }
    }
}
