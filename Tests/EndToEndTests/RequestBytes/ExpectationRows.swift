/// `Expect` and `Upgrade`: what a client wants to be told before it goes on.
extension RequestTable {
    static let expectations = goodExpectations + badExpectations

    /// The client sends its body at once; nobody has to tell it to.
    private static let goodExpectations: [RequestRow] =
        ["100-continue", "100-Continue", "100-CONTINUE"].map { (value: String) -> RequestRow in
            .passes(
                "9110 §10.1.1",
                "Expect: \(value)",
                post("Expect: \(value)", "Content-Length: 5", body: "hello"),
                as: SeenRequest(
                    "POST /",
                    ["Host: example.test", "Expect: \(value)"],
                    length: 5,
                    body: "hello"
                )
            )
        } + [
            .passes(
                "9110 §10.1.1",
                "100-continue in front of chunks",
                post("Expect:100-continue \t", "Transfer-Encoding: chunked", body: "5\r\nhello\r\n0\r\n\r\n"),
                as: SeenRequest("POST /", ["Host: example.test", "Expect: 100-continue"], chunks: ["hello"])
            ),
            .passes(
                "9110 §10.1.1",
                "100-continue without a body",
                get("Expect: 100-continue"),
                as: SeenRequest("GET /", ["Host: example.test", "Expect: 100-continue"])
            ),
            .passes(
                "9110 §10.1.1",
                "100-continue from HTTP/1.0",
                "POST / HTTP/1.0\r\nHost: example.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
                as: SeenRequest("POST /", via: "1.0", length: 5, body: "hello"),
                isKept: false
            ),
            .passes(
                "9110 §10.1.1",
                "any expectation from HTTP/1.0",
                "GET / HTTP/1.0\r\nHost: example.test\r\nExpect: the spanish inquisition\r\n\r\n",
                as: SeenRequest("GET /", via: "1.0"),
                isKept: false
            ),
            .passes(
                "9110 §10.1.1",
                "a body that looks like a request behind 100-continue",
                post(
                    "Expect: 100-continue",
                    "Content-Length: 44",
                    body: "GET /evil HTTP/1.1\r\nHost: example.test\r\n\r\nxx"
                ),
                as: SeenRequest(
                    "POST /",
                    ["Host: example.test", "Expect: 100-continue"],
                    length: 44,
                    body: "GET /evil HTTP/1.1\r\nHost: example.test\r\n\r\nxx"
                )
            ),
        ]

    /// Nobody is left to guess what the other side expects.
    private static let badExpectations: [RequestRow] =
        [
            "", "y 100-continue", "100-continue y", "100-continue;y", "100-continue=1",
            "100-continue, 100-continue",
            "100-continue,", ",100-continue", "100-continue, x", "\"100-continue\"", "100 continue", "100",
            "200-ok", "continue",
            "x=y", "100-continue\u{A0}", "\u{E9}", "100-continue\r\nExpect: 100-continue",
            "100-continue\r\nexpect: x",
            "x\r\nExpect: 100-continue",
        ].map { (value: String) -> RequestRow in
            .refused(
                "9110 §10.1.1",
                "Expect: \(printable(wire(value)))",
                post("Expect: \(value)", "Content-Length: 5", body: "hello"),
                417
            )
        }
        + ["100-continue\0", "\u{B}100-continue", "100-\u{7F}continue"].map { (value: String) -> RequestRow in
            .refused(
                "9110 §5.5",
                "Expect: \(printable(wire(value)))",
                post("Expect: \(value)", "Content-Length: 5", body: "hello")
            )
        }

    static let upgrades = goodUpgrades + droppedUpgrades

    /// The origin declines all of them.
    private static let goodUpgrades: [RequestRow] =
        [
            ("websocket", "websocket"), ("WebSocket", "WebSocket"), ("websocket, foo/2", "websocket, foo/2"),
            ("SPDY/3.1", "SPDY/3.1"), ("\t derp \t", "derp"), ("oauth2", "oauth2"),
        ].map { (sent, seen) -> RequestRow in
            .passes(
                "9110 §7.8",
                "Upgrade: \(sent)",
                get("Connection: keep-alive, Upgrade", "Upgrade: \(sent)"),
                as: SeenRequest("GET /", upgrade: seen)
            )
        } + [
            .passes(
                "9110 §7.8",
                "an upgrade with a body",
                post("Connection: upgrade", "Upgrade: websocket", "Content-Length: 5", body: "hello"),
                as: SeenRequest("POST /", upgrade: "websocket", length: 5, body: "hello")
            ),
            .passes(
                "9110 §7.8",
                "an upgrade with chunks",
                post(
                    "Connection: upgrade",
                    "Upgrade: websocket",
                    "Transfer-Encoding: chunked",
                    body: "5\r\nhello\r\n0\r\n\r\n"
                ),
                as: SeenRequest("POST /", upgrade: "websocket", chunks: ["hello"])
            ),
            .passes(
                "9110 §7.8",
                "an upgrade with an expectation",
                post(
                    "Connection: upgrade",
                    "Upgrade: websocket",
                    "Expect: 100-continue",
                    "Content-Length: 5",
                    body: "hello"
                ),
                as: SeenRequest(
                    "POST /",
                    ["Host: example.test", "Expect: 100-continue"],
                    upgrade: "websocket",
                    length: 5,
                    body: "hello"
                )
            ),
            .passes(
                "9110 §7.8",
                "an upgrade with a body that looks like a request",
                post(
                    "Connection: upgrade",
                    "Upgrade: websocket",
                    "Content-Length: 42",
                    body: "GET /evil HTTP/1.1\r\nHost: example.test\r\n\r\n"
                ),
                as: SeenRequest(
                    "POST /",
                    upgrade: "websocket",
                    length: 42,
                    body: "GET /evil HTTP/1.1\r\nHost: example.test\r\n\r\n"
                )
            ),
            .passes(
                "9110 §7.8",
                "a declined upgrade in front of a request",
                get("Connection: upgrade", "Upgrade: websocket") + requestText("GET", "/next"),
                as: SeenRequest("GET /", upgrade: "websocket"),
                SeenRequest("GET /next")
            ),
        ]

    /// Offers that nobody may accept: what came behind them would reach the backend unread.
    private static let droppedUpgrades: [RequestRow] =
        [
            "h2c", "H2C", "h2", "h2c-14", "websocket, h2c", "h2c, websocket", ",h2c,", "HTTP/2.0", "http/2",
            "HTTP/1.1",
            "TLS/1.0", "tls/1.2, HTTP/1.1", "", ",", "a b", "websocket;q=1", "\"websocket\"", "websocket/",
            "/13", "a/b/c",
            "websocket\u{E9}", "websocket\r\nUpgrade: websocket", "websocket\r\nUpgrade: h2c",
        ].map { (value: String) -> RequestRow in
            .passes(
                "9110 §7.8",
                "Upgrade: \(printable(wire(value))) is not offered",
                get("Connection: Upgrade", "Upgrade: \(value)", "X-A: 1"),
                as: SeenRequest("GET /", ["Host: example.test", "X-A: 1"])
            )
        } + [
            .passes(
                "9110 §7.8",
                "an upgrade to HTTP/2 as RFC 7540 had it",
                get("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"),
                as: SeenRequest("GET /")
            ),
            .passes(
                "9110 §7.8",
                "an upgrade that Connection does not name",
                get("Connection: keep-alive", "Upgrade: websocket"),
                as: SeenRequest("GET /")
            ),
            .passes(
                "9110 §7.8",
                "an upgrade from HTTP/1.0",
                "GET / HTTP/1.0\r\nHost: example.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
                as: SeenRequest("GET /", via: "1.0"),
                isKept: false
            ),
            .passes(
                "9110 §7.8",
                "an upgrade to HTTP/2 in front of a request",
                get("Connection: upgrade", "Upgrade: h2c") + requestText("GET", "/next"),
                as: SeenRequest("GET /"),
                SeenRequest("GET /next")
            ),
        ]
}
