/// A response's head, parsed strictly from a span and described by offsets into it (RFC 9112 §4).
///
/// One object serves many responses: its memory is reused, and it is handed on without a copy. The offsets are valid for
/// the bytes last parsed.
public final class ResponseHead {
    /// 100 to 599.
    public private(set) var status = 0
    /// The bytes of the reason phrase, possibly none.
    public private(set) var reason = 0..<0
    /// 0 or 1; a higher minor version counts as 1.
    public private(set) var minorVersion = 1
    /// The field lines.
    public private(set) var fields = FieldSection()
    /// What `Connection` says.
    public private(set) var connection = ConnectionOptions()
    /// A `Date` field is there.
    public private(set) var hasDate = false
    /// Seconds of `Keep-Alive: timeout=…`, when the backend says how long it will wait.
    public private(set) var keepAliveTimeout: Int?

    private var framingFields = FramingFields()
    private var fieldFraming: BodyFraming?

    /// An empty head.
    public init() {}

    /// Parses the head at the start of `bytes`.
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

    /// Whether the backend keeps the connection after this answer (RFC 9112 §9.3).
    public var keepsConnection: Bool {
        minorVersion >= 1 ? !connection.close : connection.keepAlive && !connection.close
    }

    /// How the body ends in an answer to a request with `method` (RFC 9112 §6.3).
    public func framing(answering method: RequestMethod) -> BodyFraming {
        if method == .head || status < 200 || status == 204 || status == 304 { return .none }
        return fieldFraming ?? .untilClose
    }

    /// The fields speak of a body, whether or not one may come.
    public var announcesBody: Bool {
        switch fieldFraming {
        case .length, .chunked: true
        case .none?, .untilClose, nil: false
        }
    }

    /// An `Upgrade` field says what a 101 switches to (RFC 9110 §15.2.2).
    public var namesProtocol: Bool {
        fields.lines.contains { $0.name == .upgrade && !$0.valueRange.isEmpty }
    }

    /// The value of `Content-Length`, if one was given.
    public var declaredLength: Int? { framingFields.declaredLength }

    private func parseLines(
        _ bytes: Span<UInt8>,
        limits: HeadLimits
    ) throws(MessageError) -> Int? {
        guard let fieldsStart = try parseStatusLine(bytes) else { return nil }
        return try fields.parse(bytes, from: fieldsStart, limits: limits)
    }

    private func parseStatusLine(_ bytes: Span<UInt8>) throws(MessageError) -> Int? {
        guard bytes.count >= 13 else {
            // Something that is not HTTP need not be waited for.
            guard bytes.count < 7 || bytes.equals("HTTP/1.", at: 0..<7) else { throw .badStatusLine }
            return nil
        }
        guard bytes.equals("HTTP/1.", at: 0..<7), Octet.isDigit(bytes[7]), bytes[8] == Octet.space else {
            throw .badStatusLine
        }
        var code = 0
        for index in 9..<12 {
            guard Octet.isDigit(bytes[index]) else { throw .badStatusLine }
            code = code * 10 + Int(bytes[index] - 48)
        }
        guard (100...599).contains(code) else { throw .badStatusLine }
        status = code
        minorVersion = bytes[7] == UInt8(ascii: "0") ? 0 : 1
        return try parseReason(bytes)
    }

    /// A missing space before an empty reason is common and unambiguous, so it passes.
    private func parseReason(_ bytes: Span<UInt8>) throws(MessageError) -> Int? {
        var position = 12
        if bytes[position] == Octet.space {
            position += 1
        } else if bytes[position] != Octet.carriageReturn {
            throw .badStatusLine
        }
        let start = position
        while position < bytes.count, Octet.isFieldValue(bytes[position]) { position += 1 }
        guard position < bytes.count else { return nil }
        guard bytes[position] == Octet.carriageReturn else { throw .badStatusLine }
        guard position + 1 < bytes.count else { return nil }
        guard bytes[position + 1] == Octet.lineFeed else { throw .badLineEnd }
        reason = start..<position
        return position + 2
    }

    private func interpretFields(_ bytes: Span<UInt8>) throws(MessageError) {
        connection.clear()
        framingFields.clear()
        hasDate = false
        keepAliveTimeout = nil
        for index in fields.lines.indices {
            let line = fields.lines[index]
            switch line.name {
            case .connection: try connection.add(bytes, line.valueRange)
            case .contentLength: try framingFields.addContentLength(bytes, line.valueRange)
            case .transferEncoding: try framingFields.addTransferEncoding(bytes, line.valueRange)
            case .date: hasDate = true
            case .keepAlive: keepAliveTimeout = Self.timeoutParameter(bytes, line.valueRange)
            default: break
            }
        }
        fieldFraming = try framingFields.framing(minorVersion: minorVersion)
    }

    private static func timeoutParameter(_ bytes: Span<UInt8>, _ value: Range<Int>) -> Int? {
        var list = ListElements(value)
        while let element = list.next(bytes) {
            let digits = element.lowerBound + 8
            guard digits < element.upperBound,
                bytes.equals("timeout=", ignoringCaseAt: element.lowerBound..<digits)
            else { continue }
            var seconds = 0
            for index in digits..<element.upperBound {
                guard Octet.isDigit(bytes[index]), seconds < 1_000_000 else { return nil }
                seconds = seconds * 10 + Int(bytes[index] - 48)
            }
            return seconds
        }
        return nil
    }
}
