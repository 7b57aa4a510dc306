package import HTTPMessages

/// Limits that an input of a few hundred bytes can reach.
package let fuzzLimits = HeadLimits(maxSize: 1024, maxFields: 24, maxTarget: 128)

/// Reads complete heads by the grammar alone: slow, obvious, and with nothing in common with Swerve's own parser.
enum StrictReader {
    /// A field line, without the white space around its value.
    struct Field: Equatable {
        var name: [UInt8]
        var value: [UInt8]

        init(_ name: [UInt8], _ value: [UInt8]) {
            self.name = name
            self.value = value
        }

        init(_ name: String, _ value: String) {
            self.init(Array(name.utf8), Array(value.utf8))
        }

        /// The name in lower case.
        var key: String { String(decoding: name, as: UTF8.self).lowercased() }

        /// The name in lower case, with a dash for all that is neither a letter nor a digit, as CGI programs see it.
        var dashedKey: String { String(key.map { $0.isLetter || $0.isNumber ? $0 : "-" }) }
    }

    struct Request {
        var method: String
        var target: [UInt8]
        var minorVersion: Int
        var fields: [Field]
        var framing: BodyFraming?
        var length: Int
    }

    struct Response {
        var status: Int
        var reason: [UInt8]
        var minorVersion: Int
        var fields: [Field]
        var framing: BodyFraming?
        var length: Int
    }

    /// The request at the start of `input`, or `nil` when it is incomplete or wrong in any way.
    static func request(_ input: [UInt8], limits: HeadLimits = fuzzLimits) -> Request? {
        let start = input.starts(with: [13, 10]) ? 2 : 0
        guard let (lines, end) = lines(of: input, from: start), end <= limits.maxSize else { return nil }
        let parts = lines[0].split(separator: 32, omittingEmptySubsequences: false)
        guard parts.count == 3, isToken(parts[0]), let minorVersion = minorVersion(parts[2]) else {
            return nil
        }
        let target = Array(parts[1])
        guard !target.isEmpty, target.count <= limits.maxTarget,
            target.allSatisfy({ (33...126).contains($0) && $0 != 35 }),
            let fields = fields(lines.dropFirst(), limits: limits)
        else { return nil }
        let method = String(decoding: parts[0], as: UTF8.self)
        guard let authority = Targets.authority(of: target, method: method) else { return nil }
        guard authority.isEmpty || Targets.isAuthority(authority) else { return nil }
        let hosts = fields.filter { $0.key == "host" }
        guard hosts.count <= 1, hosts.allSatisfy({ Targets.isAuthority($0.value) }) else { return nil }
        guard minorVersion == 0 || hosts.count == 1, nominated(by: fields) != nil else { return nil }
        guard !fields.contains(where: { isFraming($0.dashedKey) && !isFraming($0.key) }),
            areHopsSound(fields, method: method), minorVersion == 0 || areExpectationsSound(fields)
        else { return nil }
        let (isSound, framing) = framing(fields, minorVersion: minorVersion)
        guard isSound else { return nil }
        return Request(
            method: method,
            target: target,
            minorVersion: minorVersion,
            fields: fields,
            framing: framing,
            length: end
        )
    }

    /// The response at the start of `input`, or `nil` when it is incomplete or wrong in any way.
    static func response(_ input: [UInt8], limits: HeadLimits = fuzzLimits) -> Response? {
        guard let (lines, end) = lines(of: input, from: 0), end <= limits.maxSize else { return nil }
        let line = lines[0]
        guard line.count >= 12, line[8] == 32, let minorVersion = minorVersion(line[..<8]) else { return nil }
        guard line[9..<12].allSatisfy({ (48...57).contains($0) }) else { return nil }
        let status = Int(String(decoding: line[9..<12], as: UTF8.self)) ?? 0
        guard (100...599).contains(status), line.count == 12 || line[12] == 32, isValue(line.dropFirst(12)),
            let fields = fields(lines.dropFirst(), limits: limits), nominated(by: fields) != nil
        else { return nil }
        let (isSound, framing) = framing(fields, minorVersion: minorVersion)
        guard isSound else { return nil }
        return Response(
            status: status,
            reason: Array(line.dropFirst(13)),
            minorVersion: minorVersion,
            fields: fields,
            framing: framing,
            length: end
        )
    }

    /// The names that `Connection` lists beside its own three options, or `nil` when it is no list of tokens.
    static func nominated(by fields: [Field]) -> Set<String>? {
        let options = elements(of: "connection", in: fields)
        guard options.allSatisfy({ isToken($0[...]) }) else { return nil }
        let names = options.map { String(decoding: $0, as: UTF8.self).lowercased() }
            .filter { !["close", "keep-alive", "upgrade"].contains($0) }
        return names.count <= 64 ? Set(names) : nil
    }

    /// The non-empty elements of all fields of a name.
    static func elements(of key: String, in fields: [Field]) -> [[UInt8]] {
        fields.filter { $0.key == key }.flatMap { $0.value.split(separator: 44) }
            .map { trimmed($0) }.filter { !$0.isEmpty }
    }

    // MARK: Lines

    /// The lines up to the first empty one, without their line ends, and where the next message begins.
    static func lines(of input: [UInt8], from start: Int) -> (lines: [[UInt8]], end: Int)? {
        var lines: [[UInt8]] = []
        var lineStart = start
        var position = start
        while position + 1 < input.count {
            guard input[position] == 13, input[position + 1] == 10 else {
                position += 1
                continue
            }
            if position == lineStart { return lines.isEmpty ? nil : (lines, position + 2) }
            lines.append(Array(input[lineStart..<position]))
            position += 2
            lineStart = position
        }
        return nil
    }

    static func fields(_ lines: some Collection<[UInt8]>, limits: HeadLimits) -> [Field]? {
        guard lines.count <= limits.maxFields else { return nil }
        var fields: [Field] = []
        for line in lines {
            guard let colon = line.firstIndex(of: 58), isToken(line[..<colon]), isValue(line[(colon + 1)...])
            else { return nil }
            fields.append(Field(Array(line[..<colon]), trimmed(line[(colon + 1)...])))
        }
        return fields
    }

    private static func minorVersion(_ version: ArraySlice<UInt8>) -> Int? {
        guard version.count == 8, version.starts(with: "HTTP/1.".utf8), let digit = version.last,
            (48...57).contains(digit)
        else { return nil }
        return digit == 48 ? 0 : 1
    }

    private static func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty
            && bytes.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122: true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    private static func isValue(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { $0 == 9 || $0 >= 32 && $0 != 127 }
    }

    static func trimmed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var bytes = bytes
        while let first = bytes.first, first == 32 || first == 9 { bytes.removeFirst() }
        while let last = bytes.last, last == 32 || last == 9 { bytes.removeLast() }
        return Array(bytes)
    }

    // MARK: Fields of a request

    /// One number, where it counts.
    private static func areHopsSound(_ fields: [Field], method: String) -> Bool {
        let hops = fields.filter { $0.key == "max-forwards" }
        guard method == "TRACE" || method == "OPTIONS" else { return true }
        return hops.count <= 1
            && hops.allSatisfy { hop in
                !hop.value.isEmpty && hop.value.allSatisfy { (48...57).contains($0) }
            }
    }

    private static func areExpectationsSound(_ fields: [Field]) -> Bool {
        let expectations = fields.filter { $0.key == "expect" }
        return expectations.count <= 1
            && expectations.allSatisfy {
                String(decoding: $0.value, as: UTF8.self).lowercased() == "100-continue"
            }
    }

    // MARK: Framing

    private static func isFraming(_ key: String) -> Bool {
        key == "content-length" || key == "transfer-encoding"
    }

    private static func framing(_ fields: [Field], minorVersion: Int) -> (isSound: Bool, BodyFraming?) {
        let lengths = fields.filter { $0.key == "content-length" }
        guard fields.contains(where: { $0.key == "transfer-encoding" }) else {
            guard let length = lengths.first else { return (true, nil) }
            let text = String(decoding: length.value, as: UTF8.self)
            guard lengths.count == 1, length.value.allSatisfy({ (48...57).contains($0) }),
                let count = Int(text)
            else { return (false, nil) }
            return (true, count == 0 ? BodyFraming.none : .length(count))
        }
        let codings = elements(of: "transfer-encoding", in: fields)
        let isChunked =
            fields.count { $0.key == "transfer-encoding" } == 1 && codings.count == 1
            && String(decoding: codings[0], as: UTF8.self).lowercased() == "chunked"
        return (isChunked && lengths.isEmpty && minorVersion > 0, .chunked)
    }
}
