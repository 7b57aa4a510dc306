import Testing

/// Answers before the answer: 100, 101, 103 and those that nobody knows.
extension ResponseRow {
    private static let proceed = "HTTP/1.1 100 Continue\r\n\r\n"
    private static let hint = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    private static let final = answer("Content-Length: 2", then: "ok")

    /// Interim answers that pass to a client that knows them.
    static let interim: [ResponseRow] =
        [
            ("a 100 that nobody expects", proceed, [proceed]), ("a 103", hint, [hint]),
            ("a 102", "HTTP/1.1 102 Processing\r\n\r\n", ["HTTP/1.1 102 Processing\r\n\r\n"]),
            (
                "an unknown interim status", "HTTP/1.1 199 \r\nX-A: a\r\n\r\n",
                ["HTTP/1.1 199 \r\nX-A: a\r\n\r\n"]
            ),
            ("103 and 100 by turns", hint + proceed + hint + proceed, [hint, proceed, hint, proceed]),
            (
                "16 interim answers", String(repeating: proceed, count: 16),
                Array(repeating: proceed, count: 16)
            ),
            ("a 100 in HTTP/1.0", "HTTP/1.0 100 Continue\r\n\r\n", [proceed]),
            ("a 100 with a length", "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n", [proceed]),
            ("a 100 with a coding", "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n", [proceed]),
            ("a 100 that says close", "HTTP/1.1 100 Continue\r\nConnection: close\r\n\r\n", [proceed]),
            (
                "a 103 with hop-by-hop fields",
                "HTTP/1.1 103 Early Hints\r\nConnection: x-a\r\nX-A: a\r\nKeep-Alive: timeout=5\r\nLink: </a.css>\r\n\r\n",
                [hint]
            ),
        ].flatMap { name, sent, seen in
            let row = ResponseRow(
                name,
                "RFC 9110 §15.2",
                [.send(sent + final)],
                .answer(ExpectedAnswer(body: "ok", interim: seen)),
                isReused: true
            )
            return [row, row.asked(.old, "to an HTTP/1.0 client", .ok())]
        } + [
            ResponseRow(
                "a 100 inside a body",
                "RFC 9112 §6.3",
                [.send(answer("Content-Length: 25", then: proceed))],
                .ok(proceed),
                isReused: true
            )
        ]

    /// Interim answers that lead nowhere.
    static let brokenInterim: [ResponseRow] = [
        ResponseRow(
            "17 interim answers",
            "RFC 9110 §15.2",
            [.send(String(repeating: proceed, count: 17) + final)],
            .badGateway
        ),
        ResponseRow(
            "10 000 interim answers",
            "RFC 9110 §15.2",
            [.send(String(repeating: hint, count: 10_000) + final)],
            .badGateway
        ),
        ResponseRow(
            "17 interim answers, to an HTTP/1.0 client",
            "RFC 9110 §15.2",
            asked: .old,
            [.send(String(repeating: proceed, count: 17) + final)],
            .badGateway
        ),
        ResponseRow("an interim answer and the end", "RFC 9110 §15.2", [.send(hint), .close], .badGateway),
        ResponseRow("an interim answer and a reset", "RFC 9110 §15.2", [.send(hint), .reset], .badGateway),
        ResponseRow(
            "an interim answer and half the end",
            "RFC 9110 §15.2",
            [.send(hint), .halfClose],
            .badGateway
        ),
        ResponseRow(
            "an interim answer and half a head",
            "RFC 9110 §15.2",
            [.send(hint + "HTTP/1.1 2"), .close],
            .badGateway
        ),
        ResponseRow(
            "an interim answer and garbage",
            "RFC 9112 §4",
            [.send(hint + "garbage\r\n\r\n")],
            .badGateway
        ),
        ResponseRow(
            "an interim answer with a body",
            "RFC 9110 §15.2",
            [.send("HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello" + final)],
            .badGateway
        ),
        ResponseRow(
            "an interim answer with NUL",
            "RFC 9110 §5.5",
            [.send("HTTP/1.1 103 Early Hints\r\nLink: \0\r\n\r\n" + final)],
            .badGateway
        ),
        ResponseRow(
            "an interim answer with two framings",
            "RFC 9112 §6.1",
            [
                .send(
                    "HTTP/1.1 100 Continue\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n" + final
                )
            ],
            .badGateway
        ),
    ]

    /// Switches that nobody asked for, or that say not to what.
    static let switches: [ResponseRow] =
        [
            ("a GET", Ask.get), ("a HEAD", .head), ("a POST", .post), ("an HTTP/1.0 client", .old),
            ("a wish without Upgrade", Ask(fields: ["Connection: Upgrade"])),
            ("an Upgrade without a wish", Ask(fields: ["Upgrade: websocket"])),
            (
                "a wish for HTTP/2",
                Ask(fields: ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMA"])
            ),
            (
                "a wish with an unfinished body",
                Ask(
                    method: "POST",
                    fields: ["Connection: Upgrade", "Upgrade: websocket", "Content-Length: 1000"],
                    body: "start",
                    isComplete: false
                )
            ),
        ].map { name, ask in
            ResponseRow(
                "a 101 in answer to \(name)",
                "RFC 9110 §7.8, §15.2.2",
                asked: ask,
                [
                    .send(
                        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nbytes"
                    ), .silence,
                ],
                .badGateway
            )
        } + [
            ResponseRow(
                "a 101 that says not to what",
                "RFC 9110 §15.2.2",
                asked: .upgrade,
                [.send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\r\n"), .silence],
                .badGateway
            ),
            ResponseRow(
                "a 101 to nothing",
                "RFC 9110 §15.2.2",
                asked: .upgrade,
                [
                    .send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade:\r\n\r\n"),
                    .silence,
                ],
                .badGateway
            ),
            ResponseRow(
                "a wish declined",
                "RFC 9110 §7.8",
                asked: .upgrade,
                [.send(answer("Upgrade: websocket", "Connection: upgrade", "Content-Length: 2", then: "ok"))],
                .ok(),
                isReused: true
            ),
        ]
}
