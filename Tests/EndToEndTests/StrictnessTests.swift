import TestSupport
import Testing

/// A request that must not pass, and what is said to it.
struct Refusal: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let statuses: [Int]

    var testDescription: String { name }

    /// A refusal of exactly these bytes.
    init(_ name: String, _ text: String, _ statuses: Int...) {
        self.name = name
        bytes = Array(text.utf8)
        self.statuses = statuses.isEmpty ? [400] : statuses
    }

    /// A refusal of a POST with these field lines and this body.
    static func post(_ fields: String..., body: String = "", _ status: Int = 400) -> Refusal {
        Refusal(fields.joined(separator: ", "), requestText("POST", "/", fields, body: body), status)
    }

    /// A refusal of a GET with this field line.
    static func field(_ line: String) -> Refusal {
        Refusal(line, requestText("GET", "/", [line]))
    }

    /// A refusal of a request line.
    static func line(_ line: String, _ status: Int = 400) -> Refusal {
        Refusal(line, "\(line)\r\nHost: example.test\r\n\r\n", status)
    }

    /// A refusal of a `Host`.
    static func host(_ lines: String...) -> Refusal {
        let text = (["GET / HTTP/1.1"] + lines + ["", ""]).joined(separator: "\r\n")
        return Refusal(lines.isEmpty ? "no Host" : lines.joined(separator: ", "), text)
    }
}

/// A request arrives in one unambiguous form or not at all.
@Suite struct StrictnessTests {
    static let framing: [Refusal] = [
        .post("Content-Length: 5", "Transfer-Encoding: chunked", body: "0\r\n\r\n"),
        .post("Transfer-Encoding: chunked", "Content-Length: 5", body: "0\r\n\r\n"),
        .post("Content-Length: 5", "Content-Length: 6", body: "hello!"),
        .post("Content-Length: 5, 6", body: "hello!"),
        .post("Content-Length: +5", body: "hello"), .post("Content-Length: -5", body: "hello"),
        .post("Content-Length: 0x5", body: "hello"), .post("Content-Length: 5.0", body: "hello"),
        .post("Content-Length: 5 5", body: "hello"), .post("Content-Length: five", body: "hello"),
        .post("Content-Length:", body: "hello"), .post("Content-Length: 5,", body: "hello"),
        .post("Content-Length: 9223372036854775808"),
        .post("Content-Length: 18446744073709551621", body: "hello"),
        .post("Transfer-Encoding: chunked, chunked", body: "0\r\n\r\n"),
        .post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body: "0\r\n\r\n"),
        .post("Transfer-Encoding: chunked, gzip", body: "0\r\n\r\n"),
        .post("Transfer-Encoding:", body: "0\r\n\r\n"),
        .post("Transfer-Encoding: gzip, chunked", body: "0\r\n\r\n", 501),
        Refusal(
            "Transfer-Encoding on HTTP/1.0",
            "POST / HTTP/1.0\r\nHost: example.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
    ]

    /// Codings that are no chunked and no other either; a recipient may call them wrong or unknown.
    static let codings: [Refusal] = [
        "gzip", "identity", "chunked, identity", "xchunked", "\"chunked\"", "chunked;q=1", "chunked foo",
        "chunked\u{B}", "\u{B}chunked",
    ].map { coding in
        let text = requestText("POST", "/", ["Transfer-Encoding: \(coding)"], body: "0\r\n\r\n")
        return Refusal("Transfer-Encoding: \(coding)", text, 400, 501)
    }

    static let fields: [Refusal] = [
        .field("X-A : 1"), .field("X-A\t: 1"), .field("Transfer-Encoding : chunked"), .field(": 1"),
        .field(":"),
        .field("X A: 1"), .field("X@A: 1"), .field("X-(A): 1"), .field("Ünicode: 1"), .field("no colon"),
        .field("X-A: 1\r\n folded"), .field("X-A: 1\r\n\tfolded"), .field("X-A: a\0b"), .field("X\0A: 1"),
        .field("X-A: a\rb"), .field("X-A: a\nX-B: b"), .field("X-A: a\r\r\nX-B: b"), .field("X-A: a\u{1}b"),
        .field("X-A: a\u{7F}b"), .field("\0"),
        Refusal("fold before any field", "GET / HTTP/1.1\r\n Host: example.test\r\n\r\n"),
        Refusal("bare LF everywhere", "GET / HTTP/1.1\nHost: example.test\n\n"),
        Refusal("bare LF after the request line", "GET / HTTP/1.1\nHost: example.test\r\n\r\n"),
        Refusal("bare LF as the last line end", "GET / HTTP/1.1\r\nHost: example.test\r\n\n"),
        Refusal("bare LF after a field", "GET / HTTP/1.1\r\nHost: example.test\nX-A: 1\r\n\r\n"),
    ]

    static let hosts: [Refusal] = [
        .host(), .host("Host: a.test", "Host: b.test"), .host("Host: a.test", "host: a.test"),
        .host("Host: a b"), .host("Host: a.test, b.test"), .host("Host: user@a.test"),
        .host("Host: a.test/path"),
        .host("Host: a.test:port"), .host("Host: a.test:99999"), .host("Host: [::1"), .host("Host: a.test?x"),
    ]

    static let requestLines: [Refusal] = [
        .line("GET  / HTTP/1.1"), .line("GET /  HTTP/1.1"), .line(" GET / HTTP/1.1"),
        .line("GET / HTTP/1.1 "),
        .line("GET\t/\tHTTP/1.1"), .line("GET /"), .line("GET"), .line("GET / HTTP/1.1 x"),
        .line("GET /a b HTTP/1.1"),
        .line("G@T / HTTP/1.1"), .line("G(T / HTTP/1.1"), .line(" / HTTP/1.1"), .line("GET / http/1.1"),
        .line("GET / HTTP/1"), .line("GET / HTTP/1.1x"), .line("GET / HTTP/+1.1"), .line("GET / HTTP/1.10"),
        .line("GET / HTPP/1.1"), .line("GET nothing HTTP/1.1"), .line("GET * HTTP/1.1"),
        .line("GET /a\0b HTTP/1.1"),
        .line("GET /a\rb HTTP/1.1"), .line("GET /a\u{1}b HTTP/1.1"), .line("GET ftp://a.test/ HTTP/1.1"),
        .line("GET http:///x HTTP/1.1"), .line("GET http://user@a.test/ HTTP/1.1"),
        .line("GET / HTTP/2.0", 505), .line("GET / HTTP/3.0", 505), .line("GET / HTTP/0.9", 505),
        Refusal("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    ]

    static let sizes: [Refusal] = [
        Refusal(
            "a head over 64 KiB",
            requestText("GET", "/", ["X-A: " + String(repeating: "a", count: 66_000)]),
            431
        ),
        Refusal(
            "a head over 64 KiB that never ends",
            "GET / HTTP/1.1\r\nHost: example.test\r\nX-A: " + String(repeating: "a", count: 70_000),
            431
        ),
        Refusal("101 fields", requestText("GET", "/", (1...100).map { "X-\($0): 1" }), 431),
        .line("GET /\(String(repeating: "a", count: 16_400)) HTTP/1.1", 414),
        Refusal("a target over 16 KiB that never ends", "GET /\(String(repeating: "a", count: 20_000))", 414),
    ]

    private func refuse(_ refusal: Refusal) throws {
        let origin = try Origin.ok()
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(refusal.bytes)
            let response = try client.readResponse(to: "GET")
            #expect(refusal.statuses.contains(response.status), "answered \(response.status)")
            #expect(response.announcesClose)
            #expect(!response.body.isEmpty && response.body.count < 1024)
            #expect(response["Content-Type"]?.hasPrefix("text/plain") == true)
            #expect(client.waitForClose() == .closed)
            #expect(origin.acceptedCount == 0)
            #expect(try balancer.get("/after").status == 200)
        }
        #expect(origin.requests.map(\.target) == ["/after"])
    }

    @Test(arguments: framing)
    func `a body with doubtful bounds is refused`(_ refusal: Refusal) throws { try refuse(refusal) }

    @Test(arguments: codings)
    func `a coding other than chunked is refused`(_ refusal: Refusal) throws { try refuse(refusal) }

    @Test(arguments: fields)
    func `a malformed field line is refused`(_ refusal: Refusal) throws { try refuse(refusal) }

    @Test(arguments: hosts)
    func `a request without exactly one proper Host is refused`(_ refusal: Refusal) throws {
        try refuse(refusal)
    }

    @Test(arguments: requestLines)
    func `a malformed request line is refused`(_ refusal: Refusal) throws { try refuse(refusal) }

    @Test(arguments: sizes)
    func `a head that is too large is refused`(_ refusal: Refusal) throws { try refuse(refusal) }

    @Test(arguments: [
        "+5\r\nhello\r\n0\r\n\r\n", "-5\r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n",
        "\r\nhello\r\n0\r\n\r\n",
        "g\r\nhello\r\n0\r\n\r\n", "5\nhello\r\n0\r\n\r\n", "5\r\nhello0\r\n\r\n", "5\r\nhello\n0\r\n\r\n",
        "5\r\nhello!\r\n0\r\n\r\n", "ffffffffffffffffff\r\nhello", "8000000000000000\r\nhello",
        "5\r\nhello\r\n0\r\nno colon\r\n\r\n", "5\r\nhello\r\n0\r\nX : 1\r\n\r\n",
        "5;\u{1}\r\nhello\r\n0\r\n\r\n",
        " 5\r\nhello\r\n0\r\n\r\n",
    ])
    func `a malformed chunk ends the exchange before the origin has a whole request`(_ body: String) throws {
        let origin = try Origin.ok()
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(requestText("POST", "/bad", ["Transfer-Encoding: chunked"], body: body))
            let response = try client.readResponse(to: "POST")
            #expect(response.status == 400)
            #expect(response.announcesClose)
            #expect(client.waitForClose() == .closed)
            #expect(try balancer.get("/after").status == 200)
        }
        #expect(origin.requests.map(\.target) == ["/after"])
    }

    @Test func `a body over the limit is refused before it is sent`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--max-body", "1000"]) { balancer throws in
            let client = try RawClient(to: balancer.port)
            let response = try client.exchange(requestText("POST", "/", ["Content-Length: 1001"]))
            #expect(response.status == 413)
            #expect(response.announcesClose)
            #expect(client.waitForClose() == .closed)
        }
        #expect(origin.acceptedCount == 0)
    }

    @Test func `a body in chunks is refused when it passes the limit`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--max-body", "1000"]) { balancer throws in
            let client = try RawClient(to: balancer.port)
            let piece = String(repeating: "x", count: 600)
            try client.send(requestText("POST", "/", ["Transfer-Encoding: chunked"]) + chunks(piece, piece))
            let response = try client.readResponse(to: "POST")
            #expect(response.status == 413)
            #expect(response.announcesClose)
            #expect(client.waitForClose() == .closed)
        }
        #expect(origin.requests.isEmpty)
    }

    @Test func `a body at the limit passes`() throws {
        let origin = try Origin.ok()
        let body = String(repeating: "x", count: 1000)
        try withBalancer(origin, ["--max-body", "1000"]) { balancer throws in
            let sized = requestText("POST", "/", ["Content-Length: 1000"], body: body)
            let chunked =
                requestText("POST", "/", ["Transfer-Encoding: chunked"]) + chunks(body) + "0\r\n\r\n"
            #expect(try balancer.exchange(sized).status == 200)
            #expect(try balancer.exchange(chunked).status == 200)
        }
    }

    @Test func `the limits of a head can be chosen`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--max-header-size", "1k", "--max-headers", "5"]) { balancer throws in
            let many = requestText("GET", "/", (1...5).map { "X-\($0): 1" })
            #expect(try balancer.exchange(many).status == 431)
            let large = requestText("GET", "/", ["X-A: " + String(repeating: "a", count: 1100)])
            #expect(try balancer.exchange(large).status == 431)
            #expect(try balancer.exchange(requestText("GET", "/", ["X-A: 1"])).status == 200)
        }
    }

    @Test func `a good request in front of a bad one is answered first`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(requestText("GET", "/good") + "BAD\r\n\r\n")
            #expect(try client.readResponse().status == 200)
            #expect(try client.readResponse().status == 400)
            #expect(client.waitForClose() == .closed)
        }
        #expect(origin.requests.map(\.target) == ["/good"])
    }

    @Test func `a later minor version is taken for HTTP 1.1`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin) { balancer throws in
            let response = try balancer.exchange("GET / HTTP/1.2\r\nHost: example.test\r\n\r\n")
            #expect(response.status == 200)
            #expect(response.version == "HTTP/1.1")
        }
        #expect(origin.requests.first?.version == "HTTP/1.1")
    }
}
