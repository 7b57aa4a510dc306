internal import HTTPMessages

/// Chunked bodies: read as the grammar says, in any pieces, and unambiguous when they are written again.
enum ChunkedCheck {
    static func body(_ input: [UInt8]) throws(Finding) -> Bool {
        let expected = reference(input)
        var first: Relay?
        for ends in Cuts.all(of: input) {
            let relay = Relay(input, from: 0, .chunked, asChunks: true, ends: ends)
            guard relay.meaning == (first ?? relay).meaning else {
                throw Finding(
                    "\(relay.end) in \(ends.count) pieces, \(String(describing: first?.end)) in one",
                    input
                )
            }
            first = first ?? relay
            try checkOutput(relay, expected?.trailers ?? [], input)
        }
        guard let first else { return false }
        guard case .complete(let end) = first.end else {
            guard expected == nil else { throw Finding("\(first.end), but the body is sound", input) }
            return false
        }
        guard let expected, expected.end == end, expected.data == first.data else {
            throw Finding("the body is read in another way", input)
        }
        return true
    }

    /// Whether all that was written is one body for every careless reader, or for none of them when it broke off.
    private static func checkOutput(
        _ relay: Relay,
        _ trailers: [StrictReader.Field],
        _ input: [UInt8]
    ) throws(Finding) {
        let reading = try LenientReader.readChunks(relay.output, from: 0)
        guard case .complete = relay.end else {
            // Nothing refused or cut may look complete.
            guard reading == .incomplete else { throw Finding("a broken body looks complete", input) }
            return
        }
        guard reading == .message(body: relay.data, end: relay.output.count) else {
            throw Finding("the written body is read in another way", input)
        }
        // A space behind each colon may make the section larger than it came.
        let limits = HeadLimits(maxSize: .max, maxFields: fuzzLimits.maxFields)
        guard let written = reference(relay.output, limits: limits),
            written.trailers == trailers.filter(mayPass)
        else {
            throw Finding("other trailers are written", input)
        }
    }

    /// Not what frames, routes, authorises or changes the meaning of a message (RFC 9110 §6.5.1).
    private static func mayPass(_ field: StrictReader.Field) -> Bool {
        let key = field.dashedKey
        if key.hasPrefix("x-forwarded-") || key == "x-real-ip" || key == "x-request-id" { return false }
        if key == "content-length" || key == "transfer-encoding" { return false }
        return !forbidden.contains(field.key)
    }

    private static let forbidden: Set = [
        "age", "authorization", "cache-control", "connection", "content-encoding", "content-range",
        "content-type", "cookie", "date", "expect", "expires", "forwarded", "host", "if-match",
        "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "keep-alive", "location",
        "max-forwards", "pragma", "proxy", "proxy-authenticate", "proxy-authorization", "proxy-connection",
        "range",
        "referer",
        "retry-after", "set-cookie", "te", "trailer", "upgrade", "user-agent", "vary", "via",
        "www-authenticate",
    ]

    // MARK: A second reader

    private struct Body {
        var data: [UInt8] = []
        var trailers: [StrictReader.Field] = []
        var end = 0
    }

    /// The complete body at the start of `input`, or `nil` when it is incomplete or wrong in any way (RFC 9112 §7.1).
    private static func reference(_ input: [UInt8], limits: HeadLimits = fuzzLimits) -> Body? {
        var body = Body()
        var position = 0
        while true {
            guard let lineEnd = input[position...].firstIndex(of: 13), lineEnd + 1 < input.count,
                input[lineEnd + 1] == 10, let count = size(input[position..<lineEnd])
            else { return nil }
            position = lineEnd + 2
            if count == 0 { break }
            guard input.count - position >= 2, count <= input.count - position - 2 else { return nil }
            body.data += input[position..<position + count]
            position += count + 2
            guard input[position - 2] == 13, input[position - 1] == 10 else { return nil }
        }
        if input[position...].starts(with: [13, 10]) {
            body.end = position + 2
            return body
        }
        guard let (lines, end) = StrictReader.lines(of: input, from: position),
            end - position <= limits.maxSize,
            let fields = StrictReader.fields(lines, limits: limits)
        else { return nil }
        body.trailers = fields
        body.end = end
        return body
    }

    /// 1 to 16 hexadecimal digits below 2^63, and an extension of at most 1024 bytes.
    private static func size(_ line: ArraySlice<UInt8>) -> Int? {
        let digits = line.prefix { UInt8(ascii: "0") <= $0 && $0 <= 57 || 65...70 ~= $0 || 97...102 ~= $0 }
        let rest = line.dropFirst(digits.count)
        guard digits.count <= 16, rest.count <= 1024 else { return nil }
        if let semicolon = rest.first(where: { $0 != 32 && $0 != 9 }) {
            guard semicolon == 59, rest.allSatisfy({ $0 == 9 || $0 >= 32 && $0 != 127 }) else { return nil }
        } else if !rest.isEmpty {
            return nil
        }
        return Int(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
