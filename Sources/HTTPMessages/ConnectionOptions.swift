/// What the `Connection` fields of a message say (RFC 9110 §7.6.1).
public struct ConnectionOptions: Sendable {
    /// `close` is among the options.
    public private(set) var close = false
    /// `keep-alive` is among the options.
    public private(set) var keepAlive = false
    /// `upgrade` is among the options.
    public private(set) var upgrade = false
    /// Where the other options lie: names of fields that end here.
    public private(set) var nominated: [Range<Int>] = []

    /// Every field is compared with every option, so their number is bounded.
    private static let maxNominated = 64

    init() {}

    mutating func clear() {
        close = false
        keepAlive = false
        upgrade = false
        nominated.removeAll(keepingCapacity: true)
    }

    /// Adds the options of one field value, a list of tokens.
    mutating func add(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(MessageError) {
        var list = ListElements(value)
        while let element = list.next(bytes) {
            for index in element where !Octet.isToken(bytes[index]) { throw .badConnection }
            if bytes.equals("close", ignoringCaseAt: element) {
                close = true
            } else if bytes.equals("keep-alive", ignoringCaseAt: element) {
                keepAlive = true
            } else if bytes.equals("upgrade", ignoringCaseAt: element) {
                upgrade = true
            } else {
                guard nominated.count < Self.maxNominated else { throw .badConnection }
                nominated.append(element)
            }
        }
    }

    /// Appends the names that were listed, for a trailer section that comes when the head's bytes are gone.
    public func copyNominated(_ bytes: Span<UInt8>, to writer: ByteWriter) {
        for option in nominated {
            writer.append(bytes, option)
            writer.append(Octet.comma)
        }
    }

    /// Whether a field of this name was listed.
    public func nominates(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
        for option in nominated where bytes.equals(at: option, bytes, ignoringCaseAt: name) { return true }
        return false
    }
}

/// Walks the non-empty elements of a comma-separated list (RFC 9110 §5.6.1).
struct ListElements {
    private var rest: Range<Int>

    init(_ value: Range<Int>) { rest = value }

    /// The next element without white space around it, or `nil` at the end.
    mutating func next(_ bytes: Span<UInt8>) -> Range<Int>? {
        while !rest.isEmpty {
            var end = rest.lowerBound
            while end < rest.upperBound, bytes[end] != Octet.comma { end += 1 }
            let element = bytes.trimmed(rest.lowerBound..<end)
            rest = min(end + 1, rest.upperBound)..<rest.upperBound
            if !element.isEmpty { return element }
        }
        return nil
    }
}
