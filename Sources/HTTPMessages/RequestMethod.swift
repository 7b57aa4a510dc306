/// What a gateway must know of a method; any token may be one (RFC 9110 §9).
public enum RequestMethod: UInt8, Sendable {
    /// Idempotent, and its answer carries no body.
    case head
    /// GET, OPTIONS, TRACE, PUT and DELETE: idempotent (RFC 9110 §9.2.2).
    case idempotent
    /// CONNECT, which a gateway refuses.
    case connect
    /// Everything else, of which nothing is assumed.
    case other

    /// Recognises the method at `range`; methods are case-sensitive.
    public init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        switch range.count {
        case 3: self = bytes.equals("GET", at: range) || bytes.equals("PUT", at: range) ? .idempotent : .other
        case 4: self = bytes.equals("HEAD", at: range) ? .head : .other
        case 5: self = bytes.equals("TRACE", at: range) ? .idempotent : .other
        case 6: self = bytes.equals("DELETE", at: range) ? .idempotent : .other
        case 7:
            self =
                bytes.equals("OPTIONS", at: range)
                ? .idempotent : bytes.equals("CONNECT", at: range) ? .connect : .other
        default: self = .other
        }
    }

    /// Whether doing it twice is as good as once.
    public var isIdempotent: Bool { self == .head || self == .idempotent }
}
