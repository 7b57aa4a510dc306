/// The four forms of a request target (RFC 9112 §3.2), found without copying a byte.
public struct RequestTarget: Sendable, Equatable {
    /// Which form the target has.
    public enum Form: Sendable {
        /// `/path?query`
        case origin
        /// `http://authority/path?query`
        case absolute
        /// `*`, with OPTIONS only
        case asterisk
        /// Whatever follows CONNECT, which a gateway refuses anyway.
        case authority
    }

    /// Which form the target has.
    public let form: Form
    /// The path and query as written; empty when an absolute target has neither.
    public let path: Range<Int>
    /// The authority of an absolute target, otherwise empty.
    public let authority: Range<Int>

    /// Recognises the form of the target at `range`, whose bytes are already known to be visible ASCII.
    static func recognise(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        method: Range<Int>
    ) throws(MessageError) -> RequestTarget {
        let none = range.lowerBound..<range.lowerBound
        if bytes.equals("CONNECT", at: method) {
            return RequestTarget(form: .authority, path: range, authority: none)
        }
        if bytes[range.lowerBound] == UInt8(ascii: "/") {
            return RequestTarget(form: .origin, path: range, authority: none)
        }
        if bytes.equals("*", at: range) {
            guard bytes.equals("OPTIONS", at: method) else { throw .badTarget }
            return RequestTarget(form: .asterisk, path: range, authority: none)
        }
        return try recogniseAbsolute(bytes, range)
    }

    private static func recogniseAbsolute(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>
    ) throws(MessageError) -> RequestTarget {
        let start = range.lowerBound + 7
        guard start < range.upperBound,
            bytes.equals("http://", ignoringCaseAt: range.lowerBound..<start)
        else { throw .badTarget }
        var end = start
        while end < range.upperBound, bytes[end] != UInt8(ascii: "/"), bytes[end] != UInt8(ascii: "?") {
            end += 1
        }
        guard Authority.isValid(bytes, start..<end) else { throw .badTarget }
        return RequestTarget(form: .absolute, path: end..<range.upperBound, authority: start..<end)
    }
}
