import Testing

/// Answers that have no body, end with their connection, or come before the request is complete.
extension ResponseRow {
    /// What would be taken for an answer if it were read as one.
    static let poison = answer("Content-Length: 6", then: "poison")

    /// A way to get an answer without a body, and what the client sees of a length of 5 that it announces.
    private static let bodilessWays: [(ask: Ask, status: String, framing: ExpectedAnswer.Framing)] = [
        (.head, "200 OK", .length(5)), (.head, "404 Not Found", .length(5)), (.get, "204 No Content", .none),
        (.get, "304 Not Modified", .length(5)), (.post, "204 No Content", .none),
    ]

    /// Bodies where there must not be any: they reach nobody.
    static let bodiless: [ResponseRow] =
        bodilessWays.flatMap { ask, status, framing in
            let name = "\(ask.method) \(status)"
            func row(_ what: String, _ rest: String, _ framing: ExpectedAnswer.Framing, _ isReused: Bool)
                -> ResponseRow
            {
                ResponseRow(
                    "\(name) \(what)",
                    "RFC 9110 §6.4.1, RFC 9112 §6.3",
                    asked: ask,
                    [.send("HTTP/1.1 \(status)\r\n" + rest)],
                    .bodiless(status, framing),
                    isReused: isReused
                )
            }
            let isNoContent = status.hasPrefix("204")
            return [
                row("without a word", "\r\n", .none, true),
                row(
                    "with a length of nothing",
                    "Content-Length: 0\r\n\r\n",
                    isNoContent ? .none : .length(0),
                    true
                ),
                // Not every origin knows that no body may follow, so a connection that announces one is not used again.
                row("with a length", "Content-Length: 5\r\n\r\n", framing, false),
                row("with a length and a body", "Content-Length: 5\r\n\r\nhello", framing, false),
                row("with a coding", "Transfer-Encoding: chunked\r\n\r\n", .none, false),
                row(
                    "with a coding and a body",
                    "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                    .none,
                    false
                ),
                row("with a body nobody announced", "\r\nhello", .none, false),
                row("with an answer for a body", "\r\n" + poison, .none, false),
            ]
        } + [
            ResponseRow(
                "a 205 with a body",
                "RFC 9110 §15.3.6",
                [.send("HTTP/1.1 205 Reset Content\r\nContent-Length: 2\r\n\r\nok")],
                .answer(ExpectedAnswer(status: "205 Reset Content", body: "ok")),
                isReused: true
            ),
            ResponseRow(
                "a 205 that ends with its connection",
                "RFC 9110 §15.3.6",
                [.send("HTTP/1.1 205 Reset Content\r\n\r\n"), .close],
                .bodiless("205 Reset Content", .chunked)
            ),
            ResponseRow(
                "a broken head in answer to HEAD",
                "RFC 9110 §9.3.2",
                asked: .head,
                [.send("garbage\r\n\r\n")],
                .badGateway
            ),
        ]

    /// Bodies whose end is the end of the connection.
    static let untilClose: [ResponseRow] =
        [
            ("closed", "HTTP/1.1 200 OK\r\n\r\n", OriginStep.close),
            ("half-closed", "HTTP/1.1 200 OK\r\n\r\n", .halfClose),
            ("closed in HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\n", .close),
            (
                "closed, though it says keep-alive",
                answer("Connection: keep-alive", "Keep-Alive: timeout=60"), .close
            ),
            ("closed, as it says", answer("Connection: close"), .close),
        ].flatMap { name, head, end in
            let row = ResponseRow(
                "a body \(name)",
                "RFC 9112 §6.3",
                [.send(head + "hello"), .untilSeen, end],
                .chunked("hello")
            )
            return [
                row, row.asked(.old, "to an HTTP/1.0 client", .untilClose("hello")),
                row.asked(.oldKeepAlive, "to an HTTP/1.0 client that would stay", .untilClose("hello")),
            ]
        } + [
            ResponseRow(
                "a body of nothing",
                "RFC 9112 §6.3",
                [.send(answer()), .untilSeen, .close],
                .chunked("")
            ),
            ResponseRow(
                "a body that looks like answers",
                "RFC 9112 §6.3",
                [.send(answer(then: poison + "HTTP/1.1 100 Continue\r\n\r\n")), .close],
                .chunked(poison + "HTTP/1.1 100 Continue\r\n\r\n")
            ),
            ResponseRow(
                "a body until a reset",
                "RFC 9112 §8",
                [.send(answer(then: "half")), .untilSeen, .reset],
                .unfinished("half")
            ),
            ResponseRow(
                "a body until a reset, to an HTTP/1.0 client",
                "RFC 9112 §8",
                asked: .old,
                [.send(answer(then: "half")), .untilSeen, .reset],
                .broken("half")
            ),
            ResponseRow(
                "a body of nothing until a reset",
                "RFC 9112 §8",
                [.send(answer()), .untilSeen, .reset],
                .unfinished("")
            ),
        ]

    /// Answers to an upload that is not complete, and never will be.
    static let early: [ResponseRow] =
        [
            ("and nothing more", OriginStep.silence), ("and the end", .close),
            ("and half the end", .halfClose),
        ].flatMap { name, end in
            [
                ResponseRow(
                    "an early answer \(name)",
                    "RFC 9112 §9.5, §9.6",
                    asked: .upload,
                    [.send(answer("Content-Length: 2", then: "ok")), end],
                    .ok()
                ),
                ResponseRow(
                    "an early answer in chunks \(name)",
                    "RFC 9112 §9.5",
                    asked: .upload,
                    [.send(chunkedAnswer("2\r\nok\r\n0\r\n\r\n")), end],
                    .chunked("ok")
                ),
                ResponseRow(
                    "an early answer behind a 100 \(name)",
                    "RFC 9110 §10.1.1",
                    asked: .upload,
                    [.send("HTTP/1.1 100 Continue\r\n\r\n" + answer("Content-Length: 2", then: "ok")), end],
                    .answer(ExpectedAnswer(body: "ok", interim: ["HTTP/1.1 100 Continue\r\n\r\n"]))
                ),
            ]
        } + [
            ResponseRow(
                "an early answer and a reset",
                "RFC 9112 §9.6",
                asked: .upload,
                [.send(answer("Content-Length: 2", then: "ok")), .untilSeen, .reset],
                .ok()
            ),
            ResponseRow(
                "an early answer until the end of the connection",
                "RFC 9112 §9.5",
                asked: .upload,
                [.read(5), .send(answer(then: "ok")), .untilSeen, .close],
                .chunked("ok")
            ),
            ResponseRow(
                "an early answer that is cut",
                "RFC 9112 §8",
                asked: .upload,
                [.read(5), .send(answer("Content-Length: 100", then: "half")), .untilSeen, .close],
                .short("half")
            ),
            ResponseRow(
                "early garbage",
                "RFC 9112 §4",
                asked: .upload,
                [.send("garbage\r\n\r\n")],
                .badGateway
            ),
            ResponseRow("an early end", "RFC 9110 §9.2.2", asked: .upload, [.read(5), .close], .badGateway),
            ResponseRow(
                "an early reset",
                "RFC 9110 §9.2.2",
                asked: .upload,
                [.read(5), .reset],
                .badGateway
            ),
        ]
}
