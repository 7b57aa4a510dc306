import Testing

@testable import HTTPMessages

@Suite struct RequestIDTests {
    private func head(_ fields: String) throws -> String? {
        let bytes = wire("GET / HTTP/1.1\r\nHost: h\r\n\(fields)\r\n")
        let head = RequestHead()
        #expect(try head.parse(bytes.span, limits: HeadLimits(maxSize: 8192, maxFields: 64)) == bytes.count)
        return head.requestID.map { unwire(bytes[$0]) }
    }

    @Test(arguments: [
        "x", "2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d", "Root=1-67891233-abcdef", "a/b+c==", "0x1:2@3|4~5!",
        String(repeating: "a", count: 128),
    ])
    func `an id that is fit is kept`(_ id: String) throws {
        #expect(try head("X-Request-Id: \(id)\r\n") == id)
        #expect(try head("x-request-ID:\t\(id) \r\n") == id)
        #expect(try head("X_Request_Id: \(id)\r\nConnection: x-request-id\r\n") == id)
    }

    @Test(arguments: [
        "", "a b", "a,b", "a;b", "\"a\"", "'a'", "<a>", "a\\b", "`a`", "\u{e9}", "a\tb",
        String(repeating: "a", count: 129),
    ])
    func `an id that is not is none`(_ id: String) throws {
        #expect(try head("X-Request-Id: \(id)\r\n") == nil)
    }

    @Test func `exactly the visible characters but for eight are fit`() {
        for byte in UInt8.min...UInt8.max {
            let isFit = (0x21...0x7E).contains(byte) && !"\"',;<>\\`".utf8.contains(byte)
            let bytes = [byte]
            #expect(RequestID.isFit(bytes.span, 0..<1) == isFit)
        }
    }

    @Test func `of several none is believed, and the next request knows nothing of them`() throws {
        #expect(try head("X-Request-Id: a\r\nX-Request-Id: a\r\n") == nil)
        #expect(try head("X-Request-Id: a\r\nx_request_id: b\r\n") == nil)
        #expect(try head("") == nil)
    }

    @Test(
        arguments: [
            (0, "0000000000000000"), (0x0123_4567_89AB_CDEF, nil), (UInt64.max, nil), (0xA0, nil),
        ] as [(UInt64, String?)]
    )
    func `a number has sixteen digits`(_ number: UInt64, _ text: String?) {
        let writer = ByteWriter()
        writer.append(sixteenDigits: number)
        let digits = String(number, radix: 16)
        let expected = text ?? String(repeating: "0", count: 16 - digits.count) + digits
        #expect(unwire(writer.bytes) == expected)
    }
}
