/// What nobody may ever see.
private let evil = requestText("GET", "/evil")

/// Requests one behind the other, and what comes behind the last one that counts.
extension RequestTable {
    static let pipelines = servedPipelines + cutPipelines

    private static let servedPipelines: [RequestRow] = [
        .passes(
            "9112 §9.3.2",
            "two requests",
            requestText("GET", "/1") + requestText("GET", "/2"),
            as: SeenRequest("GET /1"),
            SeenRequest("GET /2")
        ),
        .passes(
            "9112 §2.2",
            "an empty line between two requests",
            requestText("POST", "/1", ["Content-Length: 5"], body: "hello\r\n") + requestText("GET", "/2"),
            as: SeenRequest("POST /1", length: 5, body: "hello"),
            SeenRequest("GET /2")
        ),
        .passes(
            "9112 §6.3",
            "a request behind a GET with a body",
            requestText("GET", "/1", ["Content-Length: 5"], body: "hello") + requestText("GET", "/2"),
            as: SeenRequest("GET /1", length: 5, body: "hello"),
            SeenRequest("GET /2")
        ),
        .passes(
            "9112 §6.3",
            "a request behind a HEAD in chunks",
            requestText("HEAD", "/1", ["Transfer-Encoding: chunked"], body: "5\r\nhello\r\n0\r\n\r\n")
                + requestText("GET", "/2"),
            as: SeenRequest("HEAD /1", chunks: ["hello"]),
            SeenRequest("GET /2")
        ),
        .passes(
            "9112 §7.1.2",
            "a request behind trailers",
            requestText("POST", "/1", ["Transfer-Encoding: chunked"], body: "0\r\nX-A: 1\r\n\r\n")
                + requestText("GET", "/2"),
            as: SeenRequest("POST /1", chunks: [], trailers: ["X-A: 1"]),
            SeenRequest("GET /2")
        ),
        .passes(
            "9112 §6.3",
            "a request behind a length of zero",
            requestText("POST", "/1", ["Content-Length: 0"]) + requestText("GET", "/2"),
            as: SeenRequest("POST /1", length: 0),
            SeenRequest("GET /2")
        ),
        .passes(
            "9110 §10.1.1",
            "a request behind an expectation",
            requestText("POST", "/1", ["Expect: 100-continue", "Content-Length: 5"], body: "hello")
                + requestText("GET", "/2"),
            as: SeenRequest(
                "POST /1",
                ["Host: example.test", "Expect: 100-continue"],
                length: 5,
                body: "hello"
            ),
            SeenRequest("GET /2")
        ),
        .passes(
            "9112 §9.3.2",
            "a hundred requests",
            (1...100).map { _ in requestText("GET", "/n") }.joined(),
            as: (1...100).map { _ in SeenRequest("GET /n") }
        ),
        .answered(
            "9110 §7.6.2",
            "a request that ends here behind one that passes",
            requestText("GET", "/1") + requestText("OPTIONS", "*", ["Max-Forwards: 0"]),
            [200, 200],
            as: SeenRequest("GET /1"),
            isKept: true
        ),
    ]

    private static let cutPipelines: [RequestRow] =
        [
            (
                "9112 §6.3", "a length and chunks",
                post("Content-Length: 5", "Transfer-Encoding: chunked", body: "0\r\n\r\n"), 400
            ),
            (
                "9112 §6.1", "an unknown coding", post("Transfer-Encoding: gzip, chunked", body: "0\r\n\r\n"),
                501
            ),
            (
                "9112 §6.1", "chunks in HTTP/1.0",
                "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400
            ),
            ("9110 §8.6", "two lengths", post("Content-Length: 0", "Content-Length: 5", body: "hello"), 400),
            ("9112 §5.1", "white space before a colon", get("Content-Length : 5"), 400),
            ("9112 §5.2", "a folded field", get("X-A: 1\r\n 2"), 400),
            ("9112 §2.2", "a bare LF", get("X-A: 1\nX-B: 2"), 400),
            ("9112 §3", "a bad request line", lined("GET /"), 400),
            ("9110 §15.6.6", "HTTP/2.0", lined("GET / HTTP/2.0"), 505),
            ("9112 §3.2", "no Host", "GET / HTTP/1.1\r\n\r\n", 400),
            ("9110 §9.3.6", "CONNECT", requestText("CONNECT", "a:1"), 405),
            (
                "9110 §9.3.8", "TRACE with a body",
                requestText("TRACE", "/", ["Content-Length: 5"], body: "hello"), 400
            ),
            ("9110 §10.1.1", "a bad expectation", get("Expect: x"), 417),
            ("6585 §5", "101 fields", requestText("GET", "/", (1...100).map { _ in "X:" }), 431),
            (
                "9110 §15.5.15", "a long target",
                requestText("GET", "/" + String(repeating: "a", count: 16_384)), 414
            ),
        ].map { (rule, name, text, status) -> RequestRow in
            .refused(rule, "a request behind \(name)", text + evil, status)
        }
        + [
            .brokenOff(
                "9112 §7.1",
                "a request behind a malformed chunk",
                post("Transfer-Encoding: chunked", body: "5\r\nhello!\r\n0\r\n\r\n") + evil,
                as: SeenRequest("POST /", chunks: [])
            ),
            .brokenOff(
                "9112 §7.1.2",
                "a request behind a malformed trailer",
                post("Transfer-Encoding: chunked", body: "0\r\nX : 1\r\n\r\n") + evil,
                as: SeenRequest("POST /", chunks: [])
            ),
            .passes(
                "9112 §9.6",
                "a request behind one that closes",
                get("Connection: close") + evil,
                as: SeenRequest("GET /"),
                isKept: false
            ),
            .passes(
                "9112 §9.6",
                "a request behind a POST that closes",
                post("Connection: close", "Content-Length: 5", body: "hello") + evil,
                as: SeenRequest("POST /", length: 5, body: "hello"),
                isKept: false
            ),
            .passes(
                "9112 §9.3",
                "a request behind one in HTTP/1.0",
                lined("GET / HTTP/1.0") + evil,
                as: SeenRequest("GET /", via: "1.0"),
                isKept: false
            ),
            .answered(
                "9112 §9.3.2",
                "a bad request between two good ones",
                requestText("GET", "/1") + lined("GET /") + evil,
                [200, 400],
                as: SeenRequest("GET /1"),
                isKept: false
            ),
            .answered(
                "9112 §6.3",
                "a body that is longer than its length",
                requestText("POST", "/1", ["Content-Length: 4"], body: "hell@") + evil,
                [200, 400],
                as: SeenRequest("POST /1", length: 4, body: "hell"),
                isKept: false
            ),
            .answered(
                "9112 §7.1",
                "bytes behind the last chunk",
                requestText("POST", "/1", ["Transfer-Encoding: chunked"], body: "0\r\n\r\n\0") + evil,
                [200, 400],
                as: SeenRequest("POST /1", chunks: []),
                isKept: false
            ),
        ]
}
