import Testing

@testable import HTTPMessages
@testable import Proxying

@Suite struct RequestRewriterTests {
    @Test func `fields keep order, case and repetition`() throws {
        let fields = "b: 1\r\nHOST: h\r\nA: 2\r\nb: 3\r\nB: 3\r\nX-e: \u{e9}\u{ff} \t.\r\nEmpty: \r\n"
        #expect(
            try rewrite("GET /a?b HTTP/1.1\r\n\(fields)\r\n")
                == "GET /a?b HTTP/1.1\r\n\(fields)\(forwarding("h"))\r\n"
        )
    }

    @Test func `white space around values becomes one space`() throws {
        #expect(
            try rewrite("\r\nGET / HTTP/1.1\r\nA:1\r\nHost:\th \r\nB: 2\r\nC:   \r\nD: 3\t\r\nE: 4\r\n\r\n")
                == "GET / HTTP/1.1\r\nA: 1\r\nHost: h\r\nB: 2\r\nC: \r\nD: 3\r\nE: 4\r\n"
                + "\(forwarding("h"))\r\n"
        )
    }

    @Test(arguments: [
        "Connection: close", "Connection: keep-alive", "Keep-Alive: timeout=5",
        "Proxy-Connection: keep-alive",
        "Proxy-Authenticate: Basic", "Proxy-Authorization: Basic eDp5", "TE: trailers", "Upgrade: websocket",
        "Connection: upgrade\r\nUpgrade: websocket", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Host: evil",
        "X-Forwarded-Proto: https", "X-Forwarded-Port: 443", "X-Forwarded-: x", "Forwarded: for=1.2.3.4",
        "X-Real-IP: 1.2.3.4", "Connection: X-Secret\r\nX-Secret: 1\r\nx-secret: 2",
        "X-Secret: 1\r\nConnection: x-secret, close",
        "Connection: User-Agent, Date\r\nUser-Agent: u\r\nDate: d",
        "Connection: Cookie\r\nConnection: Accept\r\nAccept: a\r\nCookie: c",
    ])
    func `what ends here or is nominated goes, wherever it stands`(_ fields: String) throws {
        let expected =
            "GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\n" + forwarding("h") + "\r\n"
        for text in [
            "\(fields)\r\nHost: h\r\nA: 1\r\nB:2\r\n", "Host: h\r\n\(fields)\r\nA: 1\r\nB:2\r\n",
            "Host: h\r\nA: 1\r\n\(fields)\r\nB:2\r\n", "Host: h\r\nA: 1\r\nB:2\r\n\(fields)\r\n",
        ] {
            #expect(try rewrite("GET / HTTP/1.1\r\n\(text)\r\n") == expected)
            #expect(
                try rewrite("GET / HTTP/1.1\r\n\(text.lowercased())\r\n")?.lowercased()
                    == expected.lowercased()
            )
        }
    }

    @Test(arguments: [
        "Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Via", "Content-Length",
        "Transfer-Encoding", "Connection", "host, content-length, via, x-forwarded-for",
    ])
    func `no Connection field removes what the gateway writes`(_ option: String) throws {
        let start = "POST / HTTP/1.1\r\nHost: h\r\n"
        #expect(
            try rewrite("\(start)Connection: \(option)\r\nContent-Length: 3\r\n\r\n")
                == start + forwarding("h") + "Content-Length: 3\r\n\r\n"
        )
        #expect(
            try rewrite("\(start)Transfer-Encoding:CHUNKED\r\nConnection: \(option)\r\n\r\n")
                == start + forwarding("h") + "Transfer-Encoding: chunked\r\n\r\n"
        )
    }

    @Test(arguments: [
        ("", ""), ("Content-Length: 0\r\n", "Content-Length: 0\r\n"),
        ("Content-Length:007\r\n", "Content-Length: 7\r\n"),
        ("Content-Length: 9223372036854775807\r\n", "Content-Length: 9223372036854775807\r\n"),
        ("transfer-encoding: Chunked\r\n", "Transfer-Encoding: chunked\r\n"),
    ])
    func `there is exactly one framing, written anew behind the fields`(
        _ fields: String,
        _ framing: String
    ) throws {
        #expect(
            try rewrite("POST / HTTP/1.1\r\n\(fields)Host: h\r\nTrailer: X\r\n\r\n")
                == "POST / HTTP/1.1\r\nHost: h\r\nTrailer: X\r\n\(forwarding("h"))\(framing)\r\n"
        )
    }

    @Test(arguments: [
        ("GET http://b:80/x?y", "GET /x?y", "b:80"), ("GET http://b", "GET /", "b"),
        ("GET HTTP://b?y", "GET /?y", "b"), ("GET http://[::1]:8/", "GET /", "[::1]:8"),
        ("OPTIONS http://b", "OPTIONS *", "b"), ("OPTIONS http://b/", "OPTIONS /", "b"),
        ("OPTIONS http://b?y", "OPTIONS /?y", "b"), ("DELETE http://b", "DELETE /", "b"),
        ("OPTIONS *", "OPTIONS *", "h"), ("GET //b/x", "GET //b/x", "h"),
    ])
    func `an absolute target becomes a path and its authority the host`(
        _ line: String,
        _ expected: String,
        _ host: String
    ) throws {
        for hostLine in ["Host: h", "hOST:h", "Host: \th "] {
            let name = hostLine.prefix(4)
            #expect(
                try rewrite("\(line) HTTP/1.1\r\nA: 1\r\n\(hostLine)\r\nB: 2\r\n\r\n")
                    == "\(expected) HTTP/1.1\r\nA: 1\r\n\(name): \(host)\r\nB: 2\r\n\(forwarding(host))\r\n"
            )
        }
    }

    @Test func `an HTTP 1.0 request without a host gets the one it connected to`() throws {
        #expect(
            try rewrite("GET /a HTTP/1.0\r\nA: 1\r\n\r\n")
                == "GET /a HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nA: 1\r\n\(forwarding(nil, via: "1.0"))\r\n"
        )
        #expect(
            try rewrite("GET /a HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n")
                == "GET /a HTTP/1.1\r\nHost: h\r\n\(forwarding("h", via: "1.0"))\r\n"
        )
    }

    @Test func `an HTTP 1.0 request without a host field goes to the authority of its target`() throws {
        #expect(
            try rewrite("GET http://b:81/a HTTP/1.0\r\nA: 1\r\n\r\n")
                == "GET /a HTTP/1.1\r\nHost: b:81\r\nA: 1\r\n\(forwarding("b:81", via: "1.0"))\r\n"
        )
    }

    @Test func `Expect passes from a client that can take the answer`() throws {
        let fields = "Host: h\r\nExpect: 100-continue\r\n"
        #expect(try rewrite("PUT / HTTP/1.1\r\n\(fields)\r\n")?.contains("Expect: 100-continue\r\n") == true)
        #expect(try rewrite("PUT / HTTP/1.0\r\n\(fields)\r\n")?.contains("Expect") == false)
    }

    @Test(arguments: [
        ("TRACE /", "5", "4"), ("OPTIONS *", "1", "0"), ("TRACE /", "010", "9"), ("GET /", "5", "5"),
        ("POST /", "x", "x"), ("TRACE /", "1000000000", "999999998"),
    ])
    func `Max-Forwards goes down by one where it counts`(
        _ line: String,
        _ value: String,
        _ expected: String
    ) throws {
        for separator in [": ", ":", ":\t"] {
            #expect(
                try rewrite(
                    "\(line) HTTP/1.1\r\nHost: h\r\nMAX-forwards\(separator)\(value)\r\n"
                        + "A: 1\r\n\r\n"
                )
                    == "\(line) HTTP/1.1\r\nHost: h\r\nMAX-forwards: \(expected)\r\nA: 1\r\n"
                    + "\(forwarding("h"))\r\n"
            )
        }
    }

    @Test func `a wish to switch protocols passes only when it is granted`() throws {
        let text =
            "GET / HTTP/1.1\r\nHost: h\r\nUpgrade:  websocket\r\nConnection: Upgrade, X\r\nX: 1\r\n"
            + "A: 1\r\n\r\n"
        let plain = "GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\n\(forwarding("h"))"
        #expect(try rewrite(text) == plain + "\r\n")
        #expect(
            try rewrite(text, upgrades: true) == plain + "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n"
        )
        let twice = "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: a\r\nUpgrade: b\r\n\r\n"
        #expect(try rewrite(twice, upgrades: true)?.contains("pgrade") == false)
    }
}
