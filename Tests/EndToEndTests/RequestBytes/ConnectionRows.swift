/// A GET with these field lines.
func get(_ fields: String...) -> String { requestText("GET", "/", fields) }

/// Fields that end here, and `Connection`, which names some of them.
extension RequestTable {
    static let connections = hopByHop + namedFields + badConnections

    private static let hopByHop: [RequestRow] =
        [
            "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "Proxy-Authorization: Basic x",
            "Proxy-Authenticate: Basic", "TE: trailers", "TE: gzip;q=1", "Upgrade: websocket",
            "Connection: keep-alive",
            "Connection: upgrade", "Connection: TE", "Connection:", "Connection: ,",
            "Connection: ,keep-alive,,",
            "Connection: KEEP-ALIVE", "Connection: x-a", "Connection: keep-alive, keep-alive",
            "Proxy: http://evil.test", "proxy: evil",
        ].map { (line: String) -> RequestRow in
            .passes(
                "9110 §7.6.1",
                "\(line) ends here",
                get("X-A1: 1", line, "X-B: 2"),
                as: SeenRequest("GET /", ["Host: example.test", "X-A1: 1", "X-B: 2"])
            )
        } + [
            .passes("9112 §9.6", "close", get("Connection: close"), as: SeenRequest("GET /"), isKept: false),
            .passes(
                "9112 §9.6",
                "close in odd case",
                get("connection: CloSe"),
                as: SeenRequest("GET /"),
                isKept: false
            ),
            .passes(
                "9112 §9.3",
                "close wins over keep-alive",
                get("Connection: keep-alive", "Connection: close, keep-alive"),
                as: SeenRequest("GET /"),
                isKept: false
            ),
            .passes(
                "9112 §9.3",
                "Proxy-Connection means nothing",
                get("Proxy-Connection: close"),
                as: SeenRequest("GET /")
            ),
            .passes(
                "9110 §7.6.1",
                "64 names in Connection",
                get(
                    "Connection: keep-alive, " + (1...64).map { "x-\($0)" }.joined(separator: ","),
                    "X-64: 1",
                    "X-65: 1"
                ),
                as: SeenRequest("GET /", ["Host: example.test", "X-65: 1"])
            ),
        ]

    /// What `Connection` may take away and what it may not.
    private static let namedFields: [RequestRow] =
        [
            ("X-Private", ["X-Private: 1", "x-private: 2", "X-Private-Not: 3"], ["X-Private-Not: 3"]),
            ("x-private, X-OTHER", ["X-Private: 1", "X-Other: 2"], []),
            ("Host", [], []), ("host, HOST", [], []), ("Cookie", ["Cookie: a=1", "X-A: 1"], ["X-A: 1"]),
            ("Authorization", ["Authorization: Basic x"], []),
            ("Cache-Control", ["Cache-Control: no-cache"], []),
            ("User-Agent", ["User-Agent: x"], []), ("Via", ["Via: 1.1 fred"], []),
            ("Expect", ["Expect: 100-continue"], []),
            ("X-Forwarded-For", [], []), ("X-Forwarded-For", ["X-Forwarded-For: 192.0.2.1"], []),
            ("X-Forwarded-Proto, X-Forwarded-Host, Via", [], []), ("Trailer", ["Trailer: Sum"], []),
            ("Connection", [], []), ("Max-Forwards", ["Max-Forwards: 5"], []),
        ].map { (names, sent, seen) -> RequestRow in
            .passes(
                "9110 §7.6.1",
                "Connection: \(names) with \(sent.joined(separator: ", "))",
                requestText("GET", "/", ["Connection: \(names)"] + sent),
                as: SeenRequest("GET /", ["Host: example.test"] + seen)
            )
        } + [
            .passes(
                "9110 §7.6.1",
                "Connection behind the fields that it names",
                get("X-Private: 1", "X-A: 1", "Connection: x-private"),
                as: SeenRequest("GET /", ["Host: example.test", "X-A: 1"])
            ),
            .passes(
                "9110 §7.6.1",
                "Connection names Content-Length",
                post("Connection: Content-Length", "Content-Length: 5", body: "hello"),
                as: SeenRequest("POST /", length: 5, body: "hello")
            ),
            .passes(
                "9110 §7.6.1",
                "Connection names Content-Length of zero",
                post("Connection: Content-Length", "Content-Length: 0"),
                as: SeenRequest("POST /", length: 0)
            ),
        ]

    private static let badConnections: [RequestRow] = [
        "a b", "a\tb", "close;q=1", "close close", "\"close\"", "{close}", "(close)x", "close/1", "x=1",
        "x:1",
        "@", "[x]",
        "\u{E9}", "close\u{A0}", "keep-alive\0", "close\u{B}", "close\r\n , x", "a, b c",
        (1...65).map { "x-\($0)" }.joined(separator: ","),
        (1...40).map { "x-\($0)" }.joined(separator: ",") + "\r\nConnection: "
            + (41...65).map { "x-\($0)" }.joined(separator: ","),
        Array(repeating: "a", count: 20_000).joined(separator: ","),
    ].map { (value: String) -> RequestRow in
        .refused(
            "9110 §7.6.1",
            "Connection: \(printable(wire(value)).prefix(200))",
            get("Connection: \(value)")
        )
    }
}
