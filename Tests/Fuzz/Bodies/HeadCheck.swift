internal import HTTPMessages

/// Heads: Swerve's parser accepts what the grammar accepts, reads the same from it, and does so in any pieces.
enum HeadCheck {
    static func request(_ input: [UInt8]) throws(Finding) -> Bool {
        let head = RequestHead()
        let length = try? head.parse(input.span, limits: fuzzLimits)
        let expected = StrictReader.request(input)
        guard length == expected?.length else {
            throw Finding("the head takes \(length ?? 0) bytes, not \(expected?.length ?? 0)", input)
        }
        guard let length, let expected else {
            try checkPieces(input, length: nil) { bytes throws(MessageError) in
                try RequestHead().parse(bytes, limits: fuzzLimits)
            }
            return false
        }
        try checkFields(head.fields, expected.fields, input)
        let isSame =
            Array(input[head.method]) == Array(expected.method.utf8)
            && Array(input[head.targetRange]) == expected.target && head.minorVersion == expected.minorVersion
            && head.framing == expected.framing ?? .none
            && head.declaresLength == (expected.framing != nil && expected.framing != .chunked)
            && head.host.map { Array(input[$0]) } == expected.fields.first { $0.key == "host" }?.value
            && head.wantsKeepAlive == keepsConnection(expected.fields, expected.minorVersion)
        guard isSame else { throw Finding("the head is read in another way", input) }
        let authority = Targets.authority(of: expected.target, method: expected.method) ?? []
        let path = Targets.path(of: expected.target, authority: authority)
        guard Array(input[head.target.authority]) == authority, Array(input[head.target.path]) == path else {
            throw Finding("the target is taken apart in another way", input)
        }
        try checkPieces(input, length: length) { bytes throws(MessageError) in
            try head.parse(bytes, limits: fuzzLimits)
        }
        return true
    }

    static func response(_ input: [UInt8]) throws(Finding) -> Bool {
        let head = ResponseHead()
        let length = try? head.parse(input.span, limits: fuzzLimits)
        let expected = StrictReader.response(input)
        guard length == expected?.length else {
            throw Finding("the head takes \(length ?? 0) bytes, not \(expected?.length ?? 0)", input)
        }
        guard let length, let expected else {
            try checkPieces(input, length: nil) { bytes throws(MessageError) in
                try ResponseHead().parse(bytes, limits: fuzzLimits)
            }
            return false
        }
        try checkFields(head.fields, expected.fields, input)
        let hasBody = expected.status >= 200 && expected.status != 204 && expected.status != 304
        let isSame =
            head.status == expected.status && Array(input[head.reason]) == expected.reason
            && head.minorVersion == expected.minorVersion
            && head.framing(answering: .other) == (hasBody ? expected.framing ?? .untilClose : .none)
            && head.framing(answering: .head) == .none
            && head.hasDate == expected.fields.contains { $0.key == "date" }
            && head.keepsConnection == keepsConnection(expected.fields, expected.minorVersion)
            && head.keepAliveTimeout == keepAliveTimeout(expected.fields)
        guard isSame else { throw Finding("the head is read in another way", input) }
        try checkPieces(input, length: length) { bytes throws(MessageError) in
            try head.parse(bytes, limits: fuzzLimits)
        }
        return true
    }

    private static func checkFields(
        _ section: FieldSection,
        _ expected: [StrictReader.Field],
        _ input: [UInt8]
    ) throws(Finding) {
        let fields = section.lines.map {
            StrictReader.Field(Array(input[$0.nameRange]), Array(input[$0.valueRange]))
        }
        guard fields == expected else { throw Finding("the fields are read in another way", input) }
        for line in section.lines where line.isCanonical {
            let written = Array(input[line.nameRange]) + [58, 32] + Array(input[line.valueRange]) + [13, 10]
            guard written == Array(input[line.lineRange]) else {
                throw Finding("a line is not canonical", input)
            }
        }
    }

    /// Gives the head as a connection does: parsed at once, and after that only when the scanner says so.
    private static func checkPieces(
        _ input: [UInt8],
        length: Int?,
        parse: (Span<UInt8>) throws(MessageError) -> Int?
    ) throws(Finding) {
        for ends in Cuts.all(of: input) {
            var scanner = HeadScanner()
            var found: Int?
            for end in ends {
                let bytes = input.span.extracting(..<end)
                let isFresh = scanner.isFresh
                let isFull = end >= fuzzLimits.maxSize
                guard isFresh || scanner.isWorthParsing(bytes) || isFull else { continue }
                do {
                    found = try parse(bytes)
                } catch {
                    break
                }
                if found != nil { break }
                if isFresh { _ = scanner.isWorthParsing(bytes) }
            }
            guard found == length else {
                throw Finding(
                    "in \(ends.count) pieces the head takes \(found ?? 0) bytes, not \(length ?? 0)",
                    input
                )
            }
        }
    }

    private static func keepsConnection(_ fields: [StrictReader.Field], _ minorVersion: Int) -> Bool {
        let options = StrictReader.elements(of: "connection", in: fields)
            .map { String(decoding: $0, as: UTF8.self).lowercased() }
        return !options.contains("close") && (minorVersion > 0 || options.contains("keep-alive"))
    }

    /// The first timeout of the last `Keep-Alive`, when it is a number of at most seven digits without leading zeros.
    private static func keepAliveTimeout(_ fields: [StrictReader.Field]) -> Int? {
        guard let last = fields.last(where: { $0.key == "keep-alive" }) else { return nil }
        let timeouts = StrictReader.elements(of: "keep-alive", in: [last]).filter {
            $0.count > 8 && String(decoding: $0.prefix(8), as: UTF8.self).lowercased() == "timeout="
        }
        guard let digits = timeouts.first?.dropFirst(8), digits.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        let significant = digits.drop { $0 == 48 }
        guard significant.count <= 7 else { return nil }
        return Int(String(decoding: digits, as: UTF8.self)) ?? 0
    }
}
