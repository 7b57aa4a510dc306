/// How the end of a body is found (RFC 9112 §6).
public enum BodyFraming: Sendable, Equatable {
    /// There is no body.
    case none
    /// Exactly so many bytes.
    case length(Int)
    /// The chunked transfer coding.
    case chunked
    /// Everything up to the end of the connection; responses only.
    case untilClose

    /// Whether a byte of a body is to come.
    public var announcesBody: Bool {
        switch self {
        case .none, .length(0): false
        case .length, .chunked, .untilClose: true
        }
    }
}

/// Collects `Content-Length` and `Transfer-Encoding` and refuses whatever two readers could read differently.
struct FramingFields {
    private var contentLength: Int?
    private var hasTransferEncoding = false
    private var chunkedSeen = false
    private var otherCodingSeen = false

    mutating func clear() { self = FramingFields() }

    /// Adds a `Content-Length`: digits only, below 2^63, and only once.
    ///
    /// RFC 9110 §8.6 lets a recipient accept repeated equal values; one that never forwards doubt does not.
    mutating func addContentLength(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(MessageError) {
        guard contentLength == nil, !value.isEmpty else { throw .badContentLength }
        var length = 0
        for index in value {
            guard Octet.isDigit(bytes[index]) else { throw .badContentLength }
            let (tenfold, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tenfold.addingReportingOverflow(Int(bytes[index] - 48))
            guard !overflow, !carry else { throw .badContentLength }
            length = sum
        }
        contentLength = length
    }

    /// Adds a `Transfer-Encoding`, of which there may be only one.
    ///
    /// A list may be spread over several fields (RFC 9110 §5.3), but there is no reason to where `chunked` is all that is
    /// known, and many a reader looks at the first or the last field only.
    mutating func addTransferEncoding(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(MessageError) {
        guard !hasTransferEncoding else { throw .badTransferEncoding }
        hasTransferEncoding = true
        var list = ListElements(value)
        while let coding = list.next(bytes) {
            for index in coding where !Octet.isToken(bytes[index]) { throw .badTransferEncoding }
            if chunkedSeen || bytes.equals("identity", ignoringCaseAt: coding) { throw .badTransferEncoding }
            if bytes.equals("chunked", ignoringCaseAt: coding) {
                chunkedSeen = true
            } else {
                otherCodingSeen = true
            }
        }
    }

    /// What the fields say in a message of that minor version, or `nil` when they say nothing.
    func framing(minorVersion: Int) throws(MessageError) -> BodyFraming? {
        guard hasTransferEncoding else { return contentLength.map { $0 == 0 ? .none : .length($0) } }
        guard contentLength == nil, minorVersion >= 1 else { throw .conflictingFraming }
        guard chunkedSeen else { throw .badTransferEncoding }
        guard !otherCodingSeen else { throw .unknownTransferCoding }
        return .chunked
    }

    /// Whether a `Content-Length` was there, even of zero.
    var declaredLength: Int? { contentLength }
}
