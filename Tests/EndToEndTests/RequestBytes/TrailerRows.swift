/// A chunked POST with these lines behind the last chunk.
private func trailed(_ lines: String) -> String {
    requestText("POST", "/", ["Transfer-Encoding: chunked"], body: "5\r\nhello\r\n0\r\n\(lines)\r\n")
}

/// Trailers of a chunked body.
extension RequestTable {
    static let trailers = goodTrailers + announcedTrailers + forbiddenTrailers + badTrailers

    private static let goodTrailers: [RequestRow] = [
        ("9112 §7.1.2", "one trailer", "Sum: 5\r\n", ["Sum: 5"]),
        (
            "9112 §7.1.2", "trailers keep order, case and repetition", "b: 1\r\nA: 2\r\nB: 3\r\n",
            ["b: 1", "A: 2", "B: 3"]
        ),
        ("9110 §5.6.3", "white space around the value of a trailer", "Sum:\t 5 \t\r\n", ["Sum: 5"]),
        ("9110 §5.5", "obs-text in a trailer", "Sum: \u{E9}\r\n", ["Sum: \u{E9}"]),
        (
            "9110 §6.5", "a hundred trailers", (1...100).map { "X-\($0): 1\r\n" }.joined(),
            (1...100).map { "X-\($0): 1" }
        ),
    ].map { (rule, name, lines, trailers) -> RequestRow in
        .passes(rule, name, trailed(lines), as: SeenRequest("POST /", chunks: ["hello"], trailers: trailers))
    }

    private static let announcedTrailers: [RequestRow] = [
        .passes(
            "9110 §6.6.2",
            "trailers that were announced",
            requestText(
                "POST",
                "/",
                ["Trailer: Sum, X-More", "Transfer-Encoding: chunked"],
                body: "5\r\nhello\r\n0\r\nSum: 5\r\nX-More: a b\r\n\r\n"
            ),
            as: SeenRequest(
                "POST /",
                ["Host: example.test", "Trailer: Sum, X-More"],
                chunks: ["hello"],
                trailers: ["Sum: 5", "X-More: a b"]
            )
        )
    ]

    /// Fields that frame, route, modify or authorise a request.
    private static let forbiddenTrailers: [RequestRow] = [
        "Content-Length: 5", "Transfer-Encoding: chunked", "Host: evil.test", "Connection: close",
        "Trailer: X-A", "TE: trailers", "Upgrade: websocket", "Keep-Alive: timeout=5",
        "Proxy-Connection: close", "Proxy-Authorization: x", "Authorization: Basic x", "Cookie: a=1",
        "Expect: 100-continue", "Max-Forwards: 0", "Cache-Control: no-cache", "Pragma: no-cache",
        "Content-Type: text/html", "Content-Encoding: gzip", "Content-Range: bytes 0-1/2", "Range: bytes=0-",
        "If-Match: *", "If-None-Match: *", "If-Range: x", "If-Modified-Since: x", "If-Unmodified-Since: x",
        "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https", "Forwarded: for=192.0.2.1",
        "X-Real-IP: 192.0.2.1", "X_Forwarded_For: 192.0.2.1", "Via: 1.1 evil", "User-Agent: evil",
        "Content_Length: 5", "Transfer_Encoding: chunked", "Proxy: http://evil.test", "X-Request-Id: evil",
        "Referer: http://evil.test/",
    ].map { (line: String) -> RequestRow in
        .passes(
            "9110 §6.5.1",
            "\(line) as a trailer",
            trailed("X-A: 1\r\n\(line)\r\nX-B: 2\r\n"),
            as: SeenRequest("POST /", chunks: ["hello"], trailers: ["X-A: 1", "X-B: 2"])
        )
    }

    private static let badTrailers: [RequestRow] =
        [
            ("9112 §5", "no colon in a trailer", "no colon\r\n"),
            ("9112 §5.1", "white space before the colon of a trailer", "X-A : 1\r\n"),
            ("9110 §5.1", "a trailer without a name", ": 1\r\n"),
            ("9110 §5.1", "a trailer with an odd name", "X(A): 1\r\n"),
            ("9112 §5.2", "a folded trailer", "X-A: 1\r\n 2\r\n"),
            ("9112 §5.2", "white space before the first trailer", " X-A: 1\r\n"),
            ("9110 §5.5", "NUL in a trailer", "X-A: a\0b\r\n"),
            ("9110 §5.5", "NUL at the start of a trailer", "\0X-A: 1\r\n"),
            ("9110 §5.5", "CR in a trailer", "X-A: a\rb\r\n"),
            ("9110 §5.5", "DEL in a trailer", "X-A: \u{7F}\r\n"),
            ("9112 §2.2", "bare LF behind a trailer", "X-A: 1\n"),
            ("9112 §2.2", "bare LF between trailers", "X-A: 1\nX-B: 2\r\n"),
            ("9112 §2.2", "bare LF as the first trailer", "\nX-A: 1\r\n"),
        ].map { (rule, name, lines) -> RequestRow in
            .brokenOff(rule, name, trailed(lines), as: SeenRequest("POST /", chunks: []))
        }
        + [
            .brokenOff(
                "6585 §5",
                "101 trailers",
                trailed((1...101).map { "X-\($0): 1\r\n" }.joined()),
                431,
                as: SeenRequest("POST /", chunks: [])
            ),
            .brokenOff(
                "6585 §5",
                "trailers over 64 KiB",
                trailed("X-A: " + String(repeating: "a", count: 66_000) + "\r\n"),
                431,
                as: SeenRequest("POST /", chunks: [])
            ),
        ]
}
