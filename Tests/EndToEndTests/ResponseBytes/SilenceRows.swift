import Testing

/// Origins that take too long, for a balancer that waits 1200 ms for a head and for more of a body.
extension ResponseRow {
    private static let hint = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"

    /// No head in time: a 504.
    static let lateHeads: [ResponseRow] =
        [
            ("no byte", [OriginStep.silence]), ("half a status line", [.send("HTTP/1.1 2"), .silence]),
            ("half a head", [.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"), .silence]),
            ("an interim answer and no other", [.send(hint), .silence]),
            // Neither bytes nor interim answers stretch the time for the head.
            (
                "a head in drops",
                [.drip("HTTP/1.1 200 OK\r\nX-Padding: 0123456789", every: .milliseconds(50))]
            ),
            ("interim answers in drops", [.drip(hint + hint, every: .milliseconds(20))]),
        ].map { name, steps in
            ResponseRow(name, "RFC 9110 §15.6.5", steps, .timeout)
        } + [
            ResponseRow("no byte, POST", "RFC 9110 §15.6.5", asked: .post, [.silence], .timeout),
            ResponseRow("no byte, HEAD", "RFC 9110 §15.6.5", asked: .head, [.silence], .timeout),
            ResponseRow(
                "no byte, to an HTTP/1.0 client",
                "RFC 9110 §15.6.5",
                asked: .old,
                [.silence],
                .timeout
            ),
        ]

    /// No more of a body in time: a visible end.
    static let lateBodiesInTime: [ResponseRow] = [
        ResponseRow(
            "a body with a length that stops",
            "RFC 9112 §8",
            [.send(answer("Content-Length: 100", then: "half")), .silence],
            .short("half")
        ),
        ResponseRow(
            "a body with a length that stops, to an HTTP/1.0 client",
            "RFC 9112 §8",
            asked: .old,
            [.send(answer("Content-Length: 100", then: "half")), .silence],
            .short("half")
        ),
        ResponseRow(
            "a body in chunks that stops",
            "RFC 9112 §8",
            [.send(chunkedAnswer("4\r\nhalf\r\n")), .silence],
            .unfinished("half")
        ),
        ResponseRow(
            "a body in chunks that stops, to an HTTP/1.0 client",
            "RFC 9112 §8",
            asked: .old,
            [.send(chunkedAnswer("4\r\nhalf\r\n")), .silence],
            .broken("half")
        ),
        ResponseRow(
            "a body that stops before the empty line",
            "RFC 9112 §8",
            [.send(chunkedAnswer("4\r\nhalf\r\n0\r\n")), .silence],
            .unfinished("half")
        ),
        ResponseRow(
            "a body until the end of the connection that stops",
            "RFC 9112 §8",
            [.send(answer(then: "half")), .silence],
            .unfinished("half")
        ),
        ResponseRow(
            "a body until the end of the connection that stops, to an HTTP/1.0 client",
            "RFC 9112 §8",
            asked: .old,
            [.send(answer(then: "half")), .silence],
            .broken("half")
        ),
        ResponseRow(
            "a byte each three seconds",
            "RFC 9112 §8",
            [.send(answer("Content-Length: 100")), .drip("half", every: .seconds(3))],
            .short("h")
        ),
        ResponseRow(
            "a byte each 300 ms",
            "RFC 9112 §8",
            [.send(answer("Content-Length: 6")), .drip("steady", every: .milliseconds(300))],
            .ok("steady"),
            isReused: true
        ),
    ]
}
