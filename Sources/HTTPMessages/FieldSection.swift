/// Where one field line lies in the bytes it was parsed from.
public struct FieldLine: Sendable {
    private let lineStart: UInt32
    private let nameEnd: UInt32
    private let valueStart: UInt32
    private let valueEnd: UInt32
    /// What the name means to a gateway.
    public let name: FieldName
    /// Whether the line is exactly `name: value CRLF`, one space and no other white space around the value.
    public let isCanonical: Bool

    init(_ name: FieldName, nameAt nameRange: Range<Int>, valueAt value: Range<Int>, isCanonical: Bool) {
        lineStart = UInt32(truncatingIfNeeded: nameRange.lowerBound)
        nameEnd = UInt32(truncatingIfNeeded: nameRange.upperBound)
        valueStart = UInt32(truncatingIfNeeded: value.lowerBound)
        valueEnd = UInt32(truncatingIfNeeded: value.upperBound)
        self.name = name
        self.isCanonical = isCanonical
    }

    /// The bytes of the name.
    public var nameRange: Range<Int> { Int(lineStart)..<Int(nameEnd) }
    /// The bytes of the value, without the white space around it.
    public var valueRange: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    /// The bytes of the line with its line end; meaningful for canonical lines only.
    public var lineRange: Range<Int> { Int(lineStart)..<Int(valueEnd) + 2 }
}

/// How large a head may be.
public struct HeadLimits: Sendable {
    /// Bytes of the head, start line and final empty line included.
    public let maxSize: Int
    /// Field lines.
    public let maxFields: Int
    /// Bytes of a request target.
    public let maxTarget: Int

    /// Limits; a target may take 16 KiB unless told otherwise.
    public init(maxSize: Int, maxFields: Int, maxTarget: Int = 16_384) {
        self.maxSize = maxSize
        self.maxFields = maxFields
        self.maxTarget = maxTarget
    }
}

/// The field lines of a head or of a trailer section, parsed strictly (RFC 9112 §5, RFC 9110 §5).
///
/// White space before the colon, folding, bare CR or LF, control bytes and empty or non-token names are all
/// refused. The memory is reused from one parse to the next.
public struct FieldSection: Sendable {
    /// The lines in the order received.
    public private(set) var lines: [FieldLine] = []

    /// An empty section.
    public init() {}

    /// Parses from `start` up to and including the empty line.
    ///
    /// - Returns: the offset after the empty line, or `nil` when the bytes end before it.
    /// - Throws: the first thing wrong, as soon as it can be seen.
    mutating func parse(_ bytes: Span<UInt8>, from start: Int, limits: HeadLimits) throws(MessageError)
        -> Int?
    {
        forget()
        var position = start
        while position < bytes.count {
            let first = bytes[position]
            if first == Octet.carriageReturn {
                guard position + 1 < bytes.count else { return nil }
                guard bytes[position + 1] == Octet.lineFeed else { throw .badLineEnd }
                return position + 2
            }
            guard lines.count < limits.maxFields else { throw .tooManyFields }
            guard let next = try parseLine(bytes, at: position, first: first) else { return nil }
            position = next
        }
        return nil
    }

    /// Apart, so that what an array needs to let its elements go stays out of the loop over the lines.
    @inline(never)
    private mutating func forget() {
        lines.removeAll(keepingCapacity: true)
    }

    private mutating func parseLine(
        _ bytes: Span<UInt8>,
        at start: Int,
        first: UInt8
    ) throws(MessageError) -> Int? {
        if Octet.isBlank(first) { throw .foldedField }
        if first == Octet.lineFeed { throw .badLineEnd }
        let count = bytes.count
        var position = start
        while position < count, Octet.isToken(bytes[position]) { position += 1 }
        guard position < count else { return nil }
        guard bytes[position] == Octet.colon, position > start else { throw .badFieldName }
        let nameEnd = position
        position += 1
        while position < count, Octet.isBlank(bytes[position]) { position += 1 }
        let valueStart = position
        while position <= count - 8, Octet.areVisible(bytes.word(at: position)) { position += 8 }
        while position < count, Octet.isFieldValue(bytes[position]) { position += 1 }
        guard position < count else { return nil }
        let stop = bytes[position]
        guard stop == Octet.carriageReturn else {
            throw stop == Octet.lineFeed ? .badLineEnd : .badFieldValue
        }
        guard position + 1 < count else { return nil }
        guard bytes[position + 1] == Octet.lineFeed else { throw .badLineEnd }
        var valueEnd = position
        while valueEnd > valueStart, Octet.isBlank(bytes[valueEnd - 1]) { valueEnd -= 1 }
        let isCanonical =
            valueEnd == position && valueStart == nameEnd + 2 && bytes[nameEnd + 1] == Octet.space
        lines.append(
            FieldLine(
                FieldName.recognise(bytes, start..<nameEnd),
                nameAt: start..<nameEnd,
                valueAt: valueStart..<valueEnd,
                isCanonical: isCanonical
            )
        )
        return position + 2
    }
}
