/// Follows a body of any framing through the bytes as they arrive.
public struct BodyDecoder {
    private enum State {
        case length(remaining: Int)
        case chunked
        case untilClose
        case finished
        case failed(MessageError)
    }

    private var state: State
    /// Beside the state rather than in it, so that it is changed in place.
    private var chunks: ChunkedDecoder

    /// A decoder at the start of a body.
    ///
    /// - Parameters:
    ///   - framing: how the body ends.
    ///   - maxTrailers: the most bytes a trailer section may take.
    public init(_ framing: BodyFraming, maxTrailers: Int) {
        switch framing {
        case .none, .length(0): state = .finished
        case .length(let count): state = .length(remaining: count)
        case .chunked: state = .chunked
        case .untilClose: state = .untilClose
        }
        chunks = ChunkedDecoder(maxTrailers: maxTrailers)
    }

    /// Whether the body is complete.
    public var isFinished: Bool {
        if case .finished = state { true } else { false }
    }

    /// Whether the end of the connection is the end of the body.
    public var endsAtClose: Bool {
        if case .untilClose = state { true } else { false }
    }

    /// Takes bytes from `position` on and moves it behind what was taken.
    public mutating func next(
        _ bytes: Span<UInt8>,
        at position: inout Int
    ) throws(MessageError) -> ChunkedDecoder.Step {
        switch state {
        case .finished: return .end
        case .length(let remaining):
            guard position < bytes.count else { return .needsMore }
            let piece = position..<position + min(remaining, bytes.count - position)
            position = piece.upperBound
            state = piece.count == remaining ? .finished : .length(remaining: remaining - piece.count)
            return .data(piece)
        case .untilClose:
            guard position < bytes.count else { return .needsMore }
            let piece = position..<bytes.count
            position = piece.upperBound
            return .data(piece)
        case .chunked:
            do {
                let step = try chunks.next(bytes, at: &position)
                if step == .end { state = .finished }
                return step
            } catch {
                state = .failed(error)
                throw error
            }
        case .failed(let error): throw error
        }
    }

    /// Forgets the state, as after a body that will not be read to its end.
    public mutating func abandon() { state = .finished }

    /// The trailer section with its final empty line, once a chunked body is complete and has one.
    public mutating func takeTrailers() -> ByteWriter? {
        isFinished ? chunks.takeTrailers() : nil
    }
}
