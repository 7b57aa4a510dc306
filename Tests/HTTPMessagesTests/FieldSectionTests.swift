import Testing

@testable import HTTPMessages

@Suite struct FieldSectionTests {
    private func parse(_ text: String, from start: Int = 0) throws -> FieldSection? {
        let bytes = wire(text)
        var section = FieldSection()
        let end = try section.parse(bytes.span, from: start, limits: smallLimits)
        return end == nil ? nil : section
    }

    @Test(arguments: [
        ("X: y", "y", true), ("X: ", "", true), ("X: a b\tc", "a b\tc", true),
        ("X: \u{e9}\u{ff}", "\u{e9}\u{ff}", true),
        ("X:y", "y", false), ("X:", "", false), ("X:  y", "y", false), ("X:\ty", "y", false),
        ("X: y ", "y", false), ("X: y\t", "y", false), ("X: \t y\t ", "y", false), ("X:   ", "", false),
        ("X: :", ":", true), ("X: a: b", "a: b", true),
    ])
    func `white space around a value is not part of it`(
        _ line: String,
        _ value: String,
        _ isCanonical: Bool
    ) throws {
        let bytes = wire(line)
        let section = try #require(try parse(line + "\r\n\r\n"))
        let field = try #require(section.lines.first)
        #expect(unwire(bytes[field.nameRange]) == "X")
        #expect(unwire(bytes[field.valueRange]) == value)
        #expect(field.isCanonical == isCanonical)
        if isCanonical { #expect(field.lineRange == 0..<bytes.count + 2) }
    }

    @Test func `lines keep their order and repetition and tell where they lie`() throws {
        let text = "junkB: 1\r\na:2\r\nB: 3\r\n\r\n"
        let section = try #require(try parse(text, from: 4))
        #expect(section.lines.map(\.nameRange) == [4..<5, 10..<11, 15..<16])
        #expect(section.lines.map(\.valueRange) == [7..<8, 12..<13, 18..<19])
        #expect(section.lines.map(\.isCanonical) == [true, false, true])
        #expect(section.lines[2].lineRange == 15..<21)
    }

    @Test func `no lines at all are a section`() throws {
        #expect(try parse("\r\n")?.lines.isEmpty == true)
        #expect(try parse("\r") == nil)
        #expect(try parse("") == nil)
    }

    @Test func `as many lines as the limit pass`() throws {
        let line = "X: y\r\n"
        #expect(try parse(String(repeating: line, count: 16) + "\r\n")?.lines.count == 16)
        #expect(throws: MessageError.tooManyFields) { try parse(String(repeating: line, count: 16) + "Y") }
    }

    @Test(arguments: [
        ("Connection", FieldName.connection), ("Content-Length", .contentLength), ("Date", .date),
        ("Expect", .expect), ("Forwarded", .forwarded), ("Host", .host), ("Keep-Alive", .keepAlive),
        ("Max-Forwards", .maxForwards), ("Proxy-Authenticate", .proxyAuthenticate),
        ("Proxy-Authorization", .proxyAuthorization), ("Proxy-Connection", .proxyConnection), ("TE", .te),
        ("Trailer", .trailer), ("Transfer-Encoding", .transferEncoding), ("Upgrade", .upgrade),
        ("User-Agent", .userAgent), ("X-Real-IP", .xRealIP), ("X-Forwarded-", .xForwarded),
        ("X-Forwarded-F", .xForwarded), ("X-Forwarded-Ssl", .xForwarded), ("X-Forwarded-For", .xForwarded),
        ("X-Forwarded-Host", .xForwarded), ("X-Forwarded-Port", .xForwarded),
        ("X-Forwarded-Proto", .xForwarded),
        ("X-Forwarded-Server", .xForwarded), ("X-Forwarded-Prefix1", .xForwarded),
        ("X-Forwarded-Client-Cert", .xForwarded), ("Proxy", .proxy),
    ])
    func `a name is known in any case and no other is taken for it`(_ name: String, _ known: FieldName) {
        func recognise(_ text: String) -> FieldName {
            let bytes = wire("##" + text + "##")
            return FieldName.recognise(bytes.span, 2..<bytes.count - 2)
        }
        #expect(recognise(name) == known)
        #expect(recognise(name.lowercased()) == known)
        #expect(recognise(name.uppercased()) == known)
        if known != .xForwarded { #expect(recognise(name + "x") == .other) }
        #expect(recognise("x" + name) == .other)
        #expect(recognise(String(name.dropFirst())) == .other)
        // Neighbours by one bit: folding the case must not fold anything else.
        for offset in 0..<(known == .xForwarded ? 12 : name.utf8.count) {
            for bit: UInt8 in [0x80, 0x40] {
                var bytes = Array(name.utf8)
                bytes[offset] ^= bit
                #expect(recognise(unwire(bytes)) == .other)
            }
        }
    }

    @Test(arguments: ["_", ".", "~", "!", "#", "$", "%", "&", "'", "*", "+", "^", "`", "|"])
    func `a name with other marks is known where somebody could take it for another`(_ mark: String) throws {
        for (name, known) in [
            ("Content-Length", FieldName.framingLookAlike), ("Transfer-Encoding", .framingLookAlike),
            ("X-Forwarded-For", .xForwarded), ("X-Real-IP", .xRealIP), ("User-Agent", .other),
            ("X-Other", .other),
        ] {
            let spelling = wire(name.replacing("-", with: mark))
            #expect(FieldName.recognise(spelling.span, 0..<spelling.count) == known)
        }
    }

    @Test(arguments: [
        "ContentxLength", "Content1Length", "ContentLength_", "X1Forwarded1For", "Transfer0Encoding",
    ])
    func `letters and digits are no marks`(_ name: String) throws {
        let spelling = wire(name)
        #expect(FieldName.recognise(spelling.span, 0..<spelling.count) == .other)
    }
}
