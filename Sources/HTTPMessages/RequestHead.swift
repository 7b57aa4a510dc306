/// A request's head, parsed strictly from a span and described by offsets into it (RFC 9112 §3).
///
/// One object serves many requests: its memory is reused, and it is handed on without a copy. The offsets are valid for
/// the bytes last parsed.
public final class RequestHead {
    /// The bytes of the method.
    public private(set) var method = 0..<0
    /// The bytes of the whole target.
    public private(set) var targetRange = 0..<0
    /// The target's form and parts.
    public private(set) var target = RequestTarget(form: .origin, path: 0..<0, authority: 0..<0)
    /// 0 or 1; a higher minor version counts as 1 (RFC 9110 §2.5).
    public private(set) var minorVersion = 1
    /// The field lines.
    public private(set) var fields = FieldSection()
    /// What `Connection` says.
    public private(set) var connection = ConnectionOptions()
    /// How the body ends.
    public private(set) var framing = BodyFraming.none
    /// A `Content-Length` was given, even of zero.
    public private(set) var declaresLength = false
    /// The value of `Host`, or `nil` when an HTTP/1.0 request has none.
    public private(set) var host: Range<Int>?
    /// The value of `User-Agent`.
    public private(set) var userAgent: Range<Int>?
    /// The value of the only `X-Request-Id`, if it is fit to be kept.
    public private(set) var requestID: Range<Int>?
    /// Whether the request line was taken apart, and the field lines belong to the same request.
    public private(set) var isRequestLineParsed = false
    /// The value of the only `Upgrade` field.
    public private(set) var upgrade: Range<Int>?

    /// The value of `Max-Forwards` on TRACE and OPTIONS, the methods it means something for (RFC 9110 §7.6.2).
    public private(set) var maxForwards: Int?
    /// The client waits to be told before it sends its body (RFC 9110 §10.1.1).
    public private(set) var expectsContinue = false
    /// What the method allows a gateway to do.
    public private(set) var kind = RequestMethod.other

    /// There is exactly one `Idempotency-Key`, and it is not empty: the backend will know the request if it comes twice.
    public private(set) var hasIdempotencyKey = false

    private var framingFields = FramingFields()

    /// An empty head.
    public init() {}

    /// Parses the head at the start of `bytes`, after at most one empty line (RFC 9112 §2.2).
    ///
    /// - Returns: the number of bytes the head takes, or `nil` when `bytes` end before it does.
    /// - Throws: the first thing wrong, as soon as it can be seen.
    public func parse(_ bytes: Span<UInt8>, limits: HeadLimits) throws(MessageError) -> Int? {
        let end = try parseLines(bytes, limits: limits)
        guard let end else {
            guard bytes.count < limits.maxSize else { throw .headTooLarge }
            return nil
        }
        guard end <= limits.maxSize else { throw .headTooLarge }
        try interpretFields(bytes)
        return end
    }

    /// Whether the client wants the connection kept after the answer (RFC 9112 §9.3).
    public var wantsKeepAlive: Bool {
        minorVersion >= 1 ? !connection.close : connection.keepAlive && !connection.close
    }

    private func parseLines(
        _ bytes: Span<UInt8>,
        limits: HeadLimits
    ) throws(MessageError) -> Int? {
        method = 0..<0
        targetRange = 0..<0
        isRequestLineParsed = false
        var start = 0
        if let first = bytes.count > 0 ? bytes[0] : nil, first == Octet.carriageReturn {
            guard bytes.count > 1 else { return nil }
            guard bytes[1] == Octet.lineFeed else { throw .badLineEnd }
            start = 2
        }
        guard let fieldsStart = try parseRequestLine(bytes, from: start, limits: limits) else { return nil }
        isRequestLineParsed = true
        return try fields.parse(bytes, from: fieldsStart, limits: limits)
    }

    private func parseRequestLine(
        _ bytes: Span<UInt8>,
        from start: Int,
        limits: HeadLimits
    ) throws(MessageError) -> Int? {
        let count = bytes.count
        var position = start
        while position < count, Octet.isToken(bytes[position]) { position += 1 }
        guard position < count else { return nil }
        guard bytes[position] == Octet.space, position > start else { throw .badRequestLine }
        method = start..<position
        let targetStart = position + 1
        position = targetStart
        while position < count, Octet.isTarget(bytes[position]) { position += 1 }
        guard position - targetStart <= limits.maxTarget else { throw .targetTooLong }
        guard position < count else { return nil }
        guard position > targetStart else { throw .badRequestLine }
        guard bytes[position] == Octet.space else {
            throw bytes[position] > Octet.space ? .badTarget : .badRequestLine
        }
        targetRange = targetStart..<position
        return try parseVersion(bytes, from: position + 1)
    }

    private func parseVersion(_ bytes: Span<UInt8>, from start: Int) throws(MessageError) -> Int? {
        guard start + 10 <= bytes.count else {
            // A line that ends early is wrong now, whatever may follow.
            for index in start..<bytes.count where bytes[index] <= Octet.space {
                if index < start + 8 { throw .badVersion }
            }
            return nil
        }
        guard bytes.equals("HTTP/", at: start..<start + 5), Octet.isDigit(bytes[start + 5]),
            bytes[start + 6] == UInt8(ascii: "."), Octet.isDigit(bytes[start + 7])
        else { throw .badVersion }
        guard bytes[start + 8] == Octet.carriageReturn else {
            throw bytes[start + 8] == Octet.lineFeed ? .badLineEnd : .badVersion
        }
        guard bytes[start + 9] == Octet.lineFeed else { throw .badLineEnd }
        guard bytes[start + 5] == UInt8(ascii: "1") else { throw .unsupportedVersion }
        minorVersion = bytes[start + 7] == UInt8(ascii: "0") ? 0 : 1
        return start + 10
    }

    private func interpretFields(_ bytes: Span<UInt8>) throws(MessageError) {
        target = try RequestTarget.recognise(bytes, targetRange, method: method)
        kind = RequestMethod(bytes, method)
        maxForwards = nil
        expectsContinue = false
        connection.clear()
        framingFields.clear()
        host = nil
        userAgent = nil
        upgrade = nil
        requestID = nil
        hasIdempotencyKey = false
        var upgrades = 0
        var requestIDs = 0
        var idempotencyKeys = 0
        var idempotencyKeyName = 0..<0
        for index in fields.lines.indices {
            let line = fields.lines[index]
            switch line.name {
            case .connection: try connection.add(bytes, line.valueRange)
            case .contentLength: try framingFields.addContentLength(bytes, line.valueRange)
            case .transferEncoding: try framingFields.addTransferEncoding(bytes, line.valueRange)
            case .host:
                guard host == nil, Authority.isValid(bytes, line.valueRange) else { throw .badHost }
                host = line.valueRange
            case .userAgent: userAgent = line.valueRange
            case .maxForwards: try addMaxForwards(bytes, line.valueRange)
            case .expect: try addExpectation(bytes, line.valueRange)
            case .framingLookAlike: throw .lookAlikeField
            case .upgrade:
                upgrade = line.valueRange
                upgrades += 1
            case .xRequestID:
                requestID = line.valueRange
                requestIDs += 1
            case .idempotencyKey:
                idempotencyKeys += 1
                hasIdempotencyKey = idempotencyKeys == 1 && !line.valueRange.isEmpty
                idempotencyKeyName = line.nameRange
            default: break
            }
        }
        if host == nil, minorVersion >= 1 { throw .missingHost }
        if upgrades > 1 { upgrade = nil }
        if let id = requestID, requestIDs > 1 || !RequestID.isFit(bytes, id) { requestID = nil }
        // A field that Connection lists ends here, so the backend would not see it.
        if hasIdempotencyKey, connection.nominates(bytes, idempotencyKeyName) { hasIdempotencyKey = false }
        framing = try framingFields.framing(minorVersion: minorVersion) ?? .none
        declaresLength = framingFields.declaredLength != nil
    }

    /// Takes `Max-Forwards` where it counts; what is beyond the largest number known here is taken for that one.
    private func addMaxForwards(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(MessageError) {
        guard bytes.equals("TRACE", at: method) || bytes.equals("OPTIONS", at: method) else { return }
        guard maxForwards == nil, !value.isEmpty else { throw .badMaxForwards }
        var count = 0
        for index in value {
            guard Octet.isDigit(bytes[index]) else { throw .badMaxForwards }
            count = min(count * 10 + Int(bytes[index] - 48), 999_999_999)
        }
        maxForwards = count
    }

    /// Takes the one expectation that there is; HTTP/1.0 has none.
    private func addExpectation(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(MessageError) {
        guard minorVersion >= 1 else { return }
        guard !expectsContinue, bytes.equals("100-continue", ignoringCaseAt: value) else {
            throw .unknownExpectation
        }
        expectsContinue = true
    }
}
