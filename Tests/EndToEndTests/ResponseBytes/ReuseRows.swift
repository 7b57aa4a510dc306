import TestSupport
import Testing

/// What origins say of their connections, and what they do with them.
extension ResponseRow {
    private static let sound = answer("Content-Length: 2", then: "ok")
    private static let farewell =
        "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

    /// Answers that say whether another request may follow, on connections that none of these origins ends.
    static let persistence: [ResponseRow] = [
        ("HTTP/1.1 says close", answer("Connection: close", "Content-Length: 2", then: "ok"), false),
        ("HTTP/1.1 says CLOSE", answer("Connection: CLOSE", "Content-Length: 2", then: "ok"), false),
        (
            "HTTP/1.1 says both", answer("Connection: keep-alive, close", "Content-Length: 2", then: "ok"),
            false
        ),
        (
            "HTTP/1.1 says both, in two fields",
            answer("Connection: close", "Connection: keep-alive", "Content-Length: 2", then: "ok"), false
        ),
        ("HTTP/1.1 says keep-alive", answer("Connection: keep-alive", "Content-Length: 2", then: "ok"), true),
        ("HTTP/1.0 says nothing", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false),
        (
            "HTTP/1.0 says keep-alive",
            "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok", true
        ),
        (
            "HTTP/1.0 says both",
            "HTTP/1.0 200 OK\r\nConnection: keep-alive, close\r\nContent-Length: 2\r\n\r\nok", false
        ),
        (
            "HTTP/1.0 says it to a proxy",
            "HTTP/1.0 200 OK\r\nProxy-Connection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
            false
        ),
        (
            "HTTP/1.0 says how long",
            "HTTP/1.0 200 OK\r\nKeep-Alive: timeout=60\r\nContent-Length: 2\r\n\r\nok", false
        ),
        ("for no time", answer("Keep-Alive: timeout=0", "Content-Length: 2", then: "ok"), false),
        ("for a minute", answer("Keep-Alive: timeout=60, max=100", "Content-Length: 2", then: "ok"), true),
        ("for a negative time", answer("Keep-Alive: timeout=-5", "Content-Length: 2", then: "ok"), true),
        (
            "for 2^64 seconds and 5",
            answer("Keep-Alive: timeout=18446744073709551621", "Content-Length: 2", then: "ok"), true
        ),
        ("for a word", answer("Keep-Alive: timeout=ever;;,=", "Content-Length: 2", then: "ok"), true),
    ].map { name, text, isReused in
        ResponseRow(name, "RFC 9112 §9.3", [.send(text)], .ok(), isReused: isReused)
    }

    /// What origins do with a connection at rest.
    private static let disturbances: [(name: String, steps: [OriginStep])] = [
        ("an end", [.close]), ("half an end", [.halfClose]), ("a reset", [.reset]),
        ("a second answer", [.send(sound)]),
        ("a second answer and the end", [.send(sound), .close]),
        ("a 408 and the end", [.send(farewell), .close]),
        ("a 408", [.send(farewell)]), ("a line end", [.send("\r\n")]), ("a byte", [.send("x")]),
        ("a last chunk", [.send("0\r\n\r\n")]), ("a 100", [.send("HTTP/1.1 100 Continue\r\n\r\n")]),
        ("60 000 bytes", [.send(String(repeating: "x", count: 60_000))]),
    ]

    private static let askedNext: [(name: String, ask: Ask)] = [("GET", .get), ("POST", .post)]

    /// A connection at rest that is disturbed is never used again, and nobody hears of it.
    static let atRest: [ResponseRow] = disturbances.map { name, steps in
        ResponseRow(
            "\(name) on a connection at rest",
            "RFC 9112 §9.3, §9.5",
            [.send(sound)],
            .ok(),
            next: NextExchange(ask: .post, atRest: steps)
        )
    }

    /// The same in the very instant in which the connection is to be used again.
    static let inTheInstant: [ResponseRow] = disturbances.flatMap { name, steps in
        askedNext.map { method, ask in
            ResponseRow(
                "\(name) in the instant of reuse, \(method)",
                "RFC 9112 §9.3, §9.5",
                [.send(sound)],
                .ok(),
                next: NextExchange(ask: ask, inTheInstant: steps)
            )
        }
    }

    /// The body of an answer that may not have one, when its connection is to be used again.
    static let lateBodies: [ResponseRow] = [
        (Ask.head, "200 OK"), (.get, "204 No Content"), (.get, "304 Not Modified"),
    ].flatMap { ask, status in
        ["", "Content-Length: \(poison.utf8.count)\r\n", "Transfer-Encoding: chunked\r\n"].flatMap { field in
            askedNext.map { method, next in
                let length = field.hasPrefix("Content") && !status.hasPrefix("204") ? poison.utf8.count : nil
                return ResponseRow(
                    "the late body of a \(ask.method) \(status) \(field), \(method)",
                    "RFC 9112 §6.3, §9.3",
                    asked: ask,
                    [.send("HTTP/1.1 \(status)\r\n\(field)\r\n")],
                    .bodiless(status, length.map { .length($0) } ?? .none),
                    next: NextExchange(ask: next, inTheInstant: [.send(poison)])
                )
            }
        }
    }

    /// What the next request meets when it is on its way already: only what is no answer can be told from one.
    static let onReuse: [ResponseRow] =
        [
            ("an end", [OriginStep.close]), ("half an end", [.halfClose]), ("a reset", [.reset]),
            ("a late body", [.send("a body that a 204 may not have")]),
            ("a late body and the answer", [.send("late" + sound)]),
            ("a late line end", [.send("\r\n" + sound)]),
            ("a late last chunk", [.send("0\r\n\r\n" + sound)]),
            ("a late TLS alert", [.bytes([21, 3, 3, 0, 2, 1, 0]), .close]),
        ].flatMap { name, steps in
            askedNext.map { method, ask in
                ResponseRow(
                    "\(name) for an answer on a connection that had rested, \(method)",
                    "RFC 9110 §9.2.2, RFC 9112 §9.3.1",
                    [.send("HTTP/1.1 204 No Content\r\n\r\n")],
                    .bodiless("204 No Content"),
                    isReused: true,
                    next: NextExchange(ask: ask, onReuse: steps, failure: method == "GET" ? nil : 502)
                )
            }
        } + [
            ResponseRow(
                "a late body that is no answer in any way, for one that may be repeated but was answered",
                "RFC 9110 §9.2.2",
                [.send(sound)],
                .ok(),
                isReused: true,
                next: NextExchange(
                    onReuse: [.send("HTTP/1.1 103 Early Hints\r\n\r\ngarbage\r\n\r\n")],
                    failure: 502
                )
            ),
            ResponseRow(
                "half a head and the end on a connection that had rested",
                "RFC 9110 §9.2.2",
                [.send(sound)],
                .ok(),
                isReused: true,
                next: NextExchange(onReuse: [.send("HTTP/1.1 2"), .close], failure: 502)
            ),
        ]
}
