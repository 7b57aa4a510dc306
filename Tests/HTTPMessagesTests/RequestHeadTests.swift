import Testing

@testable import HTTPMessages

/// Heads that are right, one for each thing that is allowed.
let validRequests = [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.0\r\n\r\n",
    "X / HTTP/1.0\r\n\r\n",
    "PUT /a/b?c=d&e HTTP/1.1\r\nHost: a:80\r\nContent-Length: 3\r\n\r\n",
    "GET //evil/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /%zz\"<>\\^`{|}~ HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "get / HTTP/1.1\r\nhost: a\r\n\r\n",
    "!#$%&'*+-.^_`|~09azAZ / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET http://a HTTP/1.1\r\nHost: b\r\n\r\n",
    "GET HTTP://a:8080/x?y HTTP/1.1\r\nHost: b\r\n\r\n",
    "GET http://a?y HTTP/1.1\r\nHost: b\r\n\r\n",
    "GET http://[2001:db8::1]:80/ HTTP/1.1\r\nHost: b\r\n\r\n",
    "GET http://a/ HTTP/1.0\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n",
    "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
    "GET / HTTP/1.9\r\nHost: a\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    "POST / HTTP/1.1\r\nhOsT:a\r\ntRANSFER-eNCODING:\tCHUNKED \r\n\r\n",
    "GET / HTTP/1.1\r\nX:\r\nHost: \t a\t \r\nY: \r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: \u{e9}\u{80}\u{ff} a\tb\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nX: 2\r\nx: 1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close, ,X-Y,\r\n\r\n",
]

@Suite struct RequestHeadTests {
    @Test(arguments: validRequests)
    func `a head is taken whole and nothing behind it`(_ text: String) throws {
        let parsed = try #require(try parseRequest(text))
        #expect(parsed.length == text.unicodeScalars.count)
        let followed = try #require(try parseRequest(text + "\0\r\n\r\nGET "))
        #expect(followed.length == parsed.length)
        #expect(followed.lines == parsed.lines)
    }

    @Test(arguments: validRequests)
    func `a head that is not complete is neither taken nor refused`(_ text: String) throws {
        let bytes = wire(text)
        let head = RequestHead()
        for count in 0..<bytes.count {
            #expect(try head.parse(bytes.span.extracting(0..<count), limits: smallLimits) == nil)
        }
    }

    @Test(arguments: [
        ("GET /a?b", RequestTarget.Form.origin, "/a?b", ""),
        ("GET //a/b", .origin, "//a/b", ""),
        ("OPTIONS *", .asterisk, "*", ""),
        ("OPTIONS /", .origin, "/", ""),
        ("GET http://a.b:80/c?d", .absolute, "/c?d", "a.b:80"),
        ("GET hTTp://a.b?d", .absolute, "?d", "a.b"),
        ("GET http://a.b", .absolute, "", "a.b"),
        ("GET http://[::1]:1/", .absolute, "/", "[::1]:1"),
        ("CONNECT a:443", .authority, "a:443", ""),
        ("CONNECT /path", .authority, "/path", ""),
    ])
    func `a target has one of four forms`(
        _ line: String,
        _ form: RequestTarget.Form,
        _ path: String,
        _ authority: String
    ) throws {
        let parsed = try #require(try parseRequest(line + " HTTP/1.1\r\nHost: h\r\n\r\n"))
        #expect(parsed.head.target.form == form)
        #expect(parsed.text(parsed.head.target.path) == path)
        #expect(parsed.text(parsed.head.target.authority) == authority)
        #expect("\(parsed.text(parsed.head.method)) \(parsed.text(parsed.head.targetRange))" == line)
    }

    @Test(arguments: [
        "a", "A.b-c_d~e", "a:80", "a:", "a.:65535", "10.0.0.1", "10.0.0.1:8080", "[::]", "[::1]", "[::1]:",
        "[::1]:8080", "[1:2:3:4:5:6:7:8]", "[::ffff:10.0.0.1]:1", "xn--bcher-kva", "a%20b", "!$&'()*+;=",
        "[1::]", "[1:2:3:4:5:6:7::]", "[::2:3:4:5:6:7:8]", "[1:2:3:4:5:6:255.0.10.1]", "[::a:0.0.0.0]",
        "%61:80",
    ])
    func `a host has a name or a literal and at most a port`(_ host: String) throws {
        let parsed = try #require(try parseRequest("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n"))
        #expect(parsed.text(parsed.head.host) == host)
    }

    @Test(arguments: [
        ("1.0", "", 0, false), ("1.0", "Connection: keep-alive\r\n", 0, true),
        ("1.0", "Connection: keep-alive, close\r\n", 0, false), ("1.1", "", 1, true),
        ("1.1", "Connection: close\r\n", 1, false),
        ("1.1", "Connection: x\r\nConnection: CLOSE\r\n", 1, false),
        ("1.2", "", 1, true), ("1.9", "Connection: close\r\n", 1, false),
    ])
    func `the version and Connection decide whether the connection stays`(
        _ version: String,
        _ fields: String,
        _ minorVersion: Int,
        _ keeps: Bool
    ) throws {
        let parsed = try #require(try parseRequest("GET / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n"))
        #expect(parsed.head.minorVersion == minorVersion)
        #expect(parsed.head.wantsKeepAlive == keeps)
    }

    @Test func `what a gateway needs of the fields is found`() throws {
        let parsed = try #require(
            try parseRequest(
                "TRACE /x HTTP/1.1\r\nHost: a\r\nUser-Agent:  curl/8 \r\nMax-Forwards: 12\r\n"
                    + "Upgrade: websocket\r\nContent-Length: 0\r\n\r\n"
            )
        )
        #expect(parsed.text(parsed.head.userAgent) == "curl/8")
        #expect(parsed.head.maxForwards == 12)
        #expect(parsed.text(parsed.head.upgrade) == "websocket")
        #expect(parsed.head.kind == .idempotent)
        #expect(parsed.head.framing == .none)
        #expect(parsed.head.declaresLength)
    }

    @Test(
        arguments: [
            ("TRACE", "0", 0), ("OPTIONS", "007", 7), ("TRACE", "999999999", 999_999_999), ("GET", "5", nil),
            ("TRACE", "1000000000", 999_999_999), ("TRACE", String(repeating: "9", count: 40), 999_999_999),
            ("TRACE", "000000000007", 7), ("trace", "5", nil), ("POST", "x", nil),
        ] as [(String, String, Int?)]
    )
    func `Max-Forwards counts on TRACE and OPTIONS only`(
        _ method: String,
        _ value: String,
        _ count: Int?
    ) throws {
        let text = "\(method) / HTTP/1.1\r\nHost: a\r\nMax-Forwards: \(value)\r\n\r\n"
        #expect(try parseRequest(text)?.head.maxForwards == count)
    }

    @Test(arguments: [
        ("websocket", true), ("a/1, b , C/2.0", true), (", a,", true), ("h", true), ("oauth2", true),
        ("https", true),
        ("", false), (",", false), ("h2", false), ("H2C", false), ("h2-14", false), ("a, h2c", false),
        ("HTTP/2.0", false), ("http", false), ("TLS/1.0", false), ("a b", false), ("a;q=1", false),
        ("a/", false),
        ("/1", false), ("a/b/c", false), ("\"a\"", false), ("a\u{e9}", false), ("a/\u{e9}", false),
    ])
    func `an upgrade is offered to protocols that may run in a tunnel`(_ value: String, _ isOffered: Bool)
        throws
    {
        let fields = "Host: a\r\nConnection: upgrade\r\nUpgrade: \(value)\r\n\r\n"
        let parsed = try #require(try parseRequest("GET / HTTP/1.1\r\n" + fields))
        #expect(parsed.head.offersUpgrade(parsed.bytes.span) == isOffered)
        let older = try #require(try parseRequest("GET / HTTP/1.0\r\n" + fields))
        #expect(older.head.offersUpgrade(older.bytes.span) == false)
    }

    @Test func `an expectation counts in HTTP 1.1 only`() throws {
        for (version, value, expects) in [
            ("1.1", "100-Continue", true), ("1.0", "100-continue", false), ("1.0", "x y", false),
        ] {
            let text = "POST / HTTP/\(version)\r\nHost: a\r\nExpect: \(value)\r\n\r\n"
            #expect(try parseRequest(text)?.head.expectsContinue == expects)
        }
    }

    @Test func `two Upgrade fields offer nothing`() throws {
        let text = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: a\r\nUpgrade: b\r\n\r\n"
        let parsed = try #require(try parseRequest(text))
        #expect(parsed.head.upgrade == nil)
    }

    @Test func `a head forgets the one before it`() throws {
        let first = wire(
            "TRACE / HTTP/1.1\r\nHost: a\r\nUser-Agent: u\r\nUpgrade: u\r\nMax-Forwards: 1\r\n"
                + "Connection: close, x, upgrade\r\nContent-Length: 7\r\n\r\n"
        )
        let second = wire("GET / HTTP/1.0\r\n\r\n")
        let head = RequestHead()
        _ = try head.parse(first.span, limits: smallLimits)
        #expect(try head.parse(second.span, limits: smallLimits) == second.count)
        #expect(head.host == nil && head.userAgent == nil && head.upgrade == nil && head.maxForwards == nil)
        #expect(!head.connection.close && !head.connection.upgrade && head.connection.nominated.isEmpty)
        #expect(head.framing == .none && !head.declaresLength && head.fields.lines.isEmpty)
        #expect(head.minorVersion == 0 && head.kind == .idempotent)
    }
}
