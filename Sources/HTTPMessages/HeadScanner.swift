/// Finds the end of a head that arrives in pieces, looking at each byte once.
///
/// A head that is complete in the first read never comes here. One that drips in would otherwise be parsed from its
/// start for each piece, which a hostile peer could make quadratic.
public struct HeadScanner: Sendable {
    private var scanned = 0

    /// A scanner at the start of a head.
    public init() {}

    /// Whether no byte was looked at yet.
    public var isFresh: Bool { scanned == 0 }

    /// Starts over with the next head.
    public mutating func reset() { scanned = 0 }

    /// Whether `bytes`, which begin with all bytes seen before, are worth parsing now: they hold an empty line, or a
    /// line end that no head may have.
    public mutating func isWorthParsing(_ bytes: Span<UInt8>) -> Bool {
        var position = scanned
        defer { scanned = bytes.count }
        while position < bytes.count {
            if bytes[position] == Octet.lineFeed {
                if position == 0 || bytes[position - 1] != Octet.carriageReturn { return true }
                if position >= 3, bytes[position - 2] == Octet.lineFeed { return true }
            }
            position += 1
        }
        return false
    }
}
