import Testing

@testable import HTTPMessages

private let validResponses = [
    "HTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 200 \r\n\r\n",
    "HTTP/1.1 200\r\n\r\n",
    "HTTP/1.0 404 Not Found\r\nContent-Length: 3\r\n\r\n",
    "HTTP/1.9 599 \u{e9}t\u{e9}\tx\r\nX: \u{ff}\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nDate:\t x \r\nX:\r\n\r\n",
]

/// Response heads by the first thing that is wrong with them.
let refusedResponses: [(MessageError, [String])] = [
    (
        .badStatusLine,
        [
            "HTTP/2 200 OK", "HTTP/2.0 200 OK", "HTTP/0.9 200 OK", "http/1.1 200 OK", "HTTP/1.1  200 OK",
            "HTTP/1.1\t200 OK", " HTTP/1.1 200 OK", "\r\nHTTP/1.1 200 OK", "HTTP/1.10 200 OK",
            "HTTP/1.a 200 O",
            "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 2x0 OK", "HTTP/1.1 +20 OK", "HTTP/1.1 -20 OK",
            "HTTP/1.1 099 OK", "HTTP/1.1 600 OK", "HTTP/1.1 000 OK", "HTTP/1.1 999 OK", "HTTP/1.1 200\tOK",
            "HTTP/1.1 200OK", "HTTP/1.1 200 O\0K", "HTTP/1.1 200 O\u{7f}", "HTTP/1.1 200 OK\nX: y",
            "HTTP/1.1 200\nX: y", "ICY 200 OK abc", "SSH-2.0-OpenSSH_9", "<html>no head</html>",
            "HTTP/1.1 \u{b2}00 OK",
        ].map { $0 + "\r\n\r\n" }
    ),
    (
        .badLineEnd,
        [
            "HTTP/1.1 200 OK\r\r\n\r\n", "HTTP/1.1 200\rOK\r\n\r\n", "HTTP/1.1 200 OK\r\n\n",
            "HTTP/1.1 200 OK\r\nX: y\n\r\n", "HTTP/1.1 200 OK\r\n\rX",
        ]
    ),
    (.badFieldName, ["HTTP/1.1 200 OK\r\nX : y\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length : 3\r\n\r\n"]),
    (.badFieldValue, ["HTTP/1.1 200 OK\r\nX: \0\r\n\r\n"]),
    (.foldedField, ["HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n", "HTTP/1.1 200 OK\r\n X: y\r\n\r\n"]),
    (
        .headTooLarge,
        [
            "HTTP/1.1 200 " + String(repeating: "O", count: 2048),
            "HTTP/1.1 200 OK\r\nX: " + String(repeating: "y", count: 2048) + "\r\n\r\n",
        ]
    ),
    (.tooManyFields, ["HTTP/1.1 200 OK\r\n" + String(repeating: "X:\r\n", count: 17) + "\r\n"]),
    (.badConnection, ["HTTP/1.1 200 OK\r\nConnection: a b\r\n\r\n"]),
    (
        .badContentLength,
        ["3,3", "+3", "", "9223372036854775808", "3\r\nContent-Length: 3"]
            .map { "HTTP/1.1 200 OK\r\nContent-Length: \($0)\r\n\r\n" }
    ),
    (
        .badTransferEncoding,
        ["", "gzip", "chunked, chunked", "identity"]
            .map { "HTTP/1.1 200 OK\r\nTransfer-Encoding: \($0)\r\n\r\n" }
    ),
    (.unknownTransferCoding, ["HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"]),
    (
        .conflictingFraming,
        [
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 304 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
        ]
    ),
]

@Suite struct ResponseHeadTests {
    @Test(arguments: validResponses)
    func `a head is taken whole and never before it is complete`(_ text: String) throws {
        let bytes = wire(text)
        #expect(try parseResponse(text + "\0junk")?.length == bytes.count)
        let head = ResponseHead()
        for count in 0..<bytes.count {
            #expect(try head.parse(bytes.span.extracting(0..<count), limits: smallLimits) == nil)
        }
    }

    @Test(arguments: refusedResponses)
    func `a malformed head is refused for what is wrong`(_ error: MessageError, _ texts: [String]) {
        for text in texts {
            #expect(responseRefusal(text) == error, "\(text.debugDescription)")
        }
    }

    @Test(arguments: refusedResponses)
    func `no part of a malformed head passes for a complete one`(_ error: MessageError, _ texts: [String]) {
        for text in texts {
            let bytes = wire(text)
            let head = ResponseHead()
            for count in 0..<bytes.count {
                let length = try? head.parse(bytes.span.extracting(0..<count), limits: smallLimits)
                #expect(length == nil, "\(count) bytes of \(text.debugDescription)")
            }
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK", 200, "OK", 1), ("HTTP/1.0 100 ", 100, "", 0), ("HTTP/1.7 599", 599, "", 1),
        ("HTTP/1.1 404  two  words\t", 404, " two  words\t", 1),
    ])
    func `the status line has a version, a status and a reason`(
        _ line: String,
        _ status: Int,
        _ reason: String,
        _ minorVersion: Int
    ) throws {
        let parsed = try #require(try parseResponse(line + "\r\n\r\n"))
        #expect(parsed.head.status == status)
        #expect(parsed.text(parsed.head.reason) == reason)
        #expect(parsed.head.minorVersion == minorVersion)
    }

    @Test func `something that is not HTTP is refused after seven bytes`() throws {
        #expect(try parseResponse("SSH-2.") == nil)
        #expect(throws: MessageError.badStatusLine) { try parseResponse("SSH-2.0") }
    }

    @Test(
        arguments: [
            ("timeout=5", 5), ("TIMEOUT=5, max=3", 5), ("max=3 , timeout=20", 20), ("timeout=0", 0),
            ("timeout=", nil), ("timeout=5s", nil), ("max=3", nil), ("", nil), ("timeout = 5", nil),
            ("timeout=99999999999999999999", nil),
        ] as [(String, Int?)]
    )
    func `Keep-Alive may say how long the backend waits`(_ value: String, _ seconds: Int?) throws {
        let parsed = try #require(try parseResponse("HTTP/1.1 200 OK\r\nKeep-Alive: \(value)\r\n\r\n"))
        #expect(parsed.head.keepAliveTimeout == seconds)
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false), ("HTTP/1.0", "", false),
        ("HTTP/1.0", "Connection: keep-alive\r\n", true),
        ("HTTP/1.0", "Connection: close\r\nConnection: keep-alive\r\n", false),
    ])
    func `the version and Connection decide whether the connection stays`(
        _ version: String,
        _ fields: String,
        _ keeps: Bool
    ) throws {
        let parsed = try #require(try parseResponse("\(version) 200 OK\r\n\(fields)\r\n"))
        #expect(parsed.head.keepsConnection == keeps)
    }

    @Test func `a head forgets the one before it`() throws {
        let first = wire(
            "HTTP/1.0 404 No\r\nDate: x\r\nKeep-Alive: timeout=5\r\nConnection: close, y\r\n"
                + "Content-Length: 7\r\n\r\n"
        )
        let second = wire("HTTP/1.1 200\r\n\r\n")
        let head = ResponseHead()
        _ = try head.parse(first.span, limits: smallLimits)
        #expect(head.hasDate && head.declaredLength == 7)
        #expect(try head.parse(second.span, limits: smallLimits) == second.count)
        #expect(!head.hasDate && head.keepAliveTimeout == nil && head.declaredLength == nil)
        #expect(head.reason.isEmpty && head.connection.nominated.isEmpty && head.keepsConnection)
        #expect(head.framing(answering: .idempotent) == .untilClose)
    }
}
