import Testing

@testable import HTTPMessages

private let host = "Host: a\r\n\r\n"

/// Request heads by the first thing that is wrong with them.
///
/// Most are taken by one lenient parser or another.
let refusedRequests: [(MessageError, [String])] = [
    (
        .badRequestLine,
        [
            " GET / HTTP/1.1\r\n", "\tGET / HTTP/1.1\r\n", "GET\t/ HTTP/1.1\r\n", "GET  / HTTP/1.1\r\n",
            "GET /\r\n", "GET\r\n", "G@T / HTTP/1.1\r\n", "GET: / HTTP/1.1\r\n", "G\0T / HTTP/1.1\r\n",
            "\r\n\r\nGET / HTTP/1.1\r\n", "\nGET / HTTP/1.1\r\n", "\r\n\nGET / HTTP/1.1\r\n",
            "/ HTTP/1.1\r\n", "GET /\0 HTTP/1.1\r\n", "GET /a\tb HTTP/1.1\r\n", "GET /a\rb HTTP/1.1\r\n",
            "GET /a\nb HTTP/1.1\r\n", "\u{16}\u{3}\u{1}\u{2}\0\u{1}", "G\u{c9}T / HTTP/1.1\r\n",
        ].map { $0 + host }
    ),
    (
        .badTarget,
        [
            "GET /a#b", "GET /\u{7f}", "GET /\u{e9}", "GET a", "GET ?a", "GET *", "get *", "OPTIONS **",
            "GET https://a/", "GET ftp://a/", "GET http:a", "GET http:/a", "GET http://", "GET http:///x",
            "GET http://?a", "GET http://u@a/", "GET http://a:b/", "GET http://a:65536/", "GET http://a,b/",
            "GET http://[::1/", "GET http://[::1]80/", "GET http://a\\b/", "GET mailto:a@b", "GET b:443",
            "GET foo/bar",
        ].map { $0 + " HTTP/1.1\r\n" + host }
    ),
    (.targetTooLong, ["GET /" + String(repeating: "a", count: 256) + " HTTP/1.1\r\n" + host]),
    (
        .badVersion,
        [
            "http/1.1", "Http/1.1", "HTTP/1", "HTTP/1.", "HTTP/1.1 ", "HTTP/1.1\t", "HTTP/1.1x", "HTTP/1.10",
            "HTTP/1.300", "HTTP/+1.1", "HTTP/+1.-1", "HTTP/-1.1", "HTTP/01.01", "HTTP/\t1.1", "HTTP/ 1.1",
            "HTTP/1,1", "HTTP/A.1", "HTTP/1.a", "HTTPS/1.1", "HTTP 1.1", "b HTTP/1.1", " HTTP/1.1", "",
            "HTTP/1.1\0", "\0HTTP/1.1", "HTTP/1.1\u{b}",
        ].map { "GET / " + $0 + "\r\n" + host }
    ),
    (
        .unsupportedVersion,
        ["0.9", "2.0", "3.1", "9.9"].map { "GET / HTTP/\($0)\r\n" + host }
            + ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
    ),
    (
        .badLineEnd,
        [
            "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\r\n", "GET / HTTP/1.1\rX: y\r\n", "\rGET / HTTP/1.1\r\n",
            "GET / HTTP/1.1\r\nX: y\n", "GET / HTTP/1.1\r\nX: y\r\r\n", "GET / HTTP/1.1\r\nX: y\rz\r\n",
            "GET / HTTP/1.1\r\n\n", "GET / HTTP/1.1\r\n\r", "GET / HTTP/1.1\r\nX: y\r\n\n",
            "GET / HTTP/1.1\r\nX: y\r\n\rZ: z\r\n", "GET / HTTP/1.1\r\nX:\r\u{b}\n",
        ].map { $0 + host }
    ),
    (
        .badFieldName,
        [
            "X : y", "X\t: y", ": y", ":", "X Y: z", "X", "X\0: y", "\0X: y", "\0", "X(c): y", "X@: y",
            "X\u{e9}: y", "\"X\": y", "X/Y: z", "X\rY: z", "X\nY: z", "X=y", "{: y", "\u{7f}: y", "\u{b}X: y",
            "Transfer-Encoding : chunked", "Content-Length\t: 3", "X\r\n",
        ].map { "GET / HTTP/1.1\r\n" + $0 + "\r\n" + host }
    ),
    (
        .badFieldValue,
        [
            "X: a\0b", "X: \0", "X:\0", "X: \u{1}", "X: a\u{7f}", "X: \u{b}y", "X: y\u{c}", "X: \u{1b}[2J",
            "X: \u{8}", "X: \u{1f}", "Transfer-Encoding: \u{b}chunked", "Transfer-Encoding: chunked\u{b}",
            "Transfer-Encoding: chunked\0x", "Content-Length: 3\0 9", "Content-Length: \u{b}3",
        ].map { "GET / HTTP/1.1\r\n" + $0 + "\r\n" + host }
    ),
    (
        .foldedField,
        ["X: y\r\n z", "X: y\r\n\tz", " X: y", "\tX: y", "X: y\r\n ", "Transfer-Encoding:\r\n chunked"]
            .map { "GET / HTTP/1.1\r\n" + $0 + "\r\n" + host }
    ),
    (
        .headTooLarge,
        [
            "GET / HTTP/1.1\r\nX: " + String(repeating: "y", count: 2048) + "\r\n" + host,
            "GET / HTTP/1.0\r\n" + String(repeating: "X", count: 2048) + ": y\r\n" + host,
            String(repeating: "G", count: 2048),
        ]
    ),
    (
        .tooManyFields,
        ["GET / HTTP/1.1\r\n" + String(repeating: "X:\r\n", count: 16) + host]
    ),
    (
        .missingHost,
        [
            "GET / HTTP/1.1\r\n\r\n", "GET http://a/ HTTP/1.1\r\n\r\n", "OPTIONS * HTTP/1.1\r\nX: y\r\n\r\n",
            "GET / HTTP/1.9\r\nHosts: a\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\n\r\n",
        ]
    ),
    (
        .badHost,
        [
            "", " ", "a b", "a,b", "a, b", "u@a", "a/b", "a?b", "a#b", "a\\b", "<a>", "\u{e9}", "http://a",
            ":80", "a:b", "a:-1", "a:65536", "a:000080", "a:80:80", "::1", "[::1", "[]", "[1.2.3.4]",
            "[g::1]", "[v1.a]", "[1:2:3]", "[:::]", "[1::2::3]", "[12345::]", "[::1.2.3]", "[::1.2.3.256]",
            "[::01.2.3.4]", "[1.2.3.4::]", "[1:2:3:4:5:6:7:8::]", "[1:2:3:4:5:6:7:8:9]", "[:1:2:3:4:5:6:7]",
            "[1:2:3:4:5:6:7:]", "[1:2:3:4:5:6:7:1.2.3.4]", "[::1.2.3.4.5]", "a%", "a%2", "a%2:80", "a%zz",
            "[fe80::1%25eth0]", "[::1]a", "[::1]80", "[::1]x80", "[::1].80",
            "a\r\nHost: a",
            "a\r\nhost: b", "\"a\"",
        ].flatMap { value in
            ["1.0", "1.1"].map { "GET / HTTP/\($0)\r\nHost: \(value)\r\n\r\n" }
        }
    ),
    (
        .badConnection,
        ["a b", "@", "close;q=1", "\"close\"", "close, \u{e9}", "keep-alive/1", "x\r\nConnection: a=b"]
            .map { "GET / HTTP/1.1\r\nConnection: \($0)\r\n" + host }
    ),
    (
        .badContentLength,
        [
            "", ",", "3,3", "3, 3", "3 3", "3\t3", "0x3", "3.0", "1e3", "-3", "-0", "+3", "3;", "\"3\"",
            "three",
            "9223372036854775808", "18446744073709551619", "99999999999999999999999999", "\u{b2}",
            "3\r\nContent-Length: 3", "3\r\nContent-Length: 4", "0\r\nCONTENT-LENGTH: 0",
        ].map { "GET / HTTP/1.1\r\nContent-Length: \($0)\r\n" + host }
    ),
    (
        .badTransferEncoding,
        [
            "", ",", "gzip", "identity", "xchunked", "chunke", "\"chunked\"", "chunked, identity",
            "identity, chunked", "chunked, chunked", "chunked, gzip", "chunked;q=1", "chunked foo",
            "chunked\r\nTransfer-Encoding: chunked", "chunked\r\nTransfer-Encoding: identity",
            "gzip\r\nTransfer-Encoding: deflate", "gzip\r\nTransfer-Encoding: chunked",
            "\r\nTransfer-Encoding: chunked", "chunked\r\nTransfer-Encoding:", "chunked/1", "chun\u{212a}ed",
            "{chunked}",
        ].map { "POST / HTTP/1.1\r\nTransfer-Encoding: \($0)\r\n" + host }
    ),
    (
        .unknownTransferCoding,
        ["gzip, chunked", "xchunked,chunked", "a, b, chunked"]
            .map { "POST / HTTP/1.1\r\nTransfer-Encoding: \($0)\r\n" + host }
    ),
    (
        .conflictingFraming,
        [
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n" + host,
            "POST / HTTP/1.1\r\nContent-Length: 0\r\ntransfer-encoding: chunked\r\n" + host,
            "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding:\r\n" + host,
            "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: gzip\r\n" + host,
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n" + host,
        ]
    ),
    (
        .lookAlikeField,
        [
            "Content_Length: 3", "CONTENT_LENGTH: 3", "content.length:", "Content~Length: 3",
            "Transfer_Encoding: chunked", "transfer.encoding: x", "TRANSFER|ENCODING: chunked",
        ].map { "POST / HTTP/1.1\r\n" + $0 + "\r\n" + host }
    ),
    (
        .unknownExpectation,
        [
            "", "100", "100-continue,", "100-continue, x", "y 100-continue", "100-continue;y",
            "\"100-continue\"",
            "100-continue\r\nExpect: 100-continue", "x\r\nExpect: 100-continue",
        ].map { "POST / HTTP/1.1\r\nExpect: \($0)\r\n" + host }
    ),
    (
        .badMaxForwards,
        ["", "-1", "+1", "1 2", "1,2", "0x1", "x", "1\r\nMax-Forwards: 1", "0\r\nMax-Forwards: 5"]
            .flatMap { value in
                ["TRACE", "OPTIONS"].map { "\($0) / HTTP/1.1\r\nMax-Forwards: \(value)\r\n" + host }
            }
    ),
]

@Suite struct RequestRefusalTests {
    @Test(arguments: refusedRequests)
    func `a malformed head is refused for what is wrong`(_ error: MessageError, _ texts: [String]) {
        for text in texts {
            #expect(requestRefusal(text) == error, "\(text.debugDescription)")
        }
    }

    @Test(arguments: refusedRequests)
    func `no part of a malformed head passes for a complete one`(_ error: MessageError, _ texts: [String]) {
        for text in texts {
            let bytes = wire(text)
            let head = RequestHead()
            for count in 0..<bytes.count {
                let length = try? head.parse(bytes.span.extracting(0..<count), limits: smallLimits)
                #expect(length == nil, "\(count) bytes of \(text.debugDescription)")
            }
        }
    }

    @Test(arguments: [
        ("\u{16}", MessageError.badRequestLine), ("GET /\n", .badRequestLine), ("GET / HT\r", .badVersion),
        ("GET / HTTP/1.1\nX", .badLineEnd), ("GET / HTTP/1.1\r\nX\n", .badFieldName),
        ("GET / HTTP/1.1\r\n\t", .foldedField),
        ("GET /" + String(repeating: "a", count: 256), .targetTooLong),
    ])
    func `what cannot become right is refused at once`(_ text: String, _ error: MessageError) {
        #expect(throws: error) { try parseRequest(text) }
    }

    @Test func `a head may be exactly as large as the limit`() throws {
        let text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        let size = text.utf8.count
        #expect(try parseRequest(text, limits: HeadLimits(maxSize: size, maxFields: 1))?.length == size)
        #expect(throws: MessageError.headTooLarge) {
            try parseRequest(text, limits: HeadLimits(maxSize: size - 1, maxFields: 1))
        }
        #expect(throws: MessageError.tooManyFields) {
            try parseRequest(text, limits: HeadLimits(maxSize: size, maxFields: 0))
        }
    }

    @Test func `a target may be exactly as long as the limit`() throws {
        let text = "GET /234 HTTP/1.1\r\nHost: a\r\n\r\n"
        let limits = { HeadLimits(maxSize: 99, maxFields: 1, maxTarget: $0) }
        #expect(try parseRequest(text, limits: limits(4)) != nil)
        #expect(throws: MessageError.targetTooLong) { try parseRequest(text, limits: limits(3)) }
    }

    @Test func `every reason has a case, a status and a sentence`() {
        let covered = (refusedRequests + refusedResponses).map(\.0)
        for error in MessageError.allCases where error != .badChunk && error != .bodyTooLarge {
            #expect(covered.contains(error))
        }
        for error in MessageError.allCases {
            #expect([400, 413, 414, 417, 431, 501, 505].contains(error.status))
            #expect("\(error.sentence)".hasSuffix("."))
        }
        let other: [MessageError: Int] = [
            .targetTooLong: 414, .unsupportedVersion: 505, .headTooLarge: 431, .tooManyFields: 431,
            .unknownTransferCoding: 501, .bodyTooLarge: 413, .unknownExpectation: 417,
        ]
        for error in MessageError.allCases { #expect(error.status == other[error] ?? 400) }
    }
}
