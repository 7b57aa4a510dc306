import Testing

/// Field lines, their number and their size.
extension ResponseRow {
    /// Lines that are no field lines, in a head that would be proper without them.
    static let brokenFields: [ResponseRow] = [
        ("NUL in a value", "X-A: a\0b", "RFC 9110 §5.5"), ("CR in a value", "X-A: a\rb", "RFC 9110 §5.5"),
        ("LF alone", "X-A: a\nX-B: b", "RFC 9112 §2.2"), ("CR CR LF", "X-A: a\r", "RFC 9112 §2.2"),
        ("a control byte", "X-A: a\u{1}b", "RFC 9110 §5.5"), ("DEL", "X-A: a\u{7F}b", "RFC 9110 §5.5"),
        ("a vertical tab", "X-A:\u{B}b", "RFC 9110 §5.5"), ("an escape", "X-A: \u{1B}[2J", "RFC 9110 §5.5"),
        ("folded by a space", "X-A: a\r\n b", "RFC 9112 §5.2"),
        ("folded by a tab", "X-A: a\r\n\tb", "RFC 9112 §5.2"),
        ("white space before any field", " X-A: a", "RFC 9112 §2.2"),
        ("a space before the colon", "X-A : a", "RFC 9112 §5.1"),
        ("a tab before the colon", "X-A\t: a", "RFC 9112 §5.1"),
        ("a space before a length's colon", "Content-Length : 5", "RFC 9112 §5.1"),
        ("a space before a coding's colon", "Transfer-Encoding : chunked", "RFC 9112 §5.1"),
        ("an empty name", ": a", "RFC 9110 §5.1"), ("no colon", "no colon", "RFC 9112 §5"),
        ("a space in a name", "X A: a", "RFC 9110 §5.1"), ("an at sign in a name", "X@A: a", "RFC 9110 §5.1"),
        ("a name beyond ASCII", "X-\u{E9}: a", "RFC 9110 §5.1"),
        ("NUL in a name", "X\0A: a", "RFC 9110 §5.1"),
        ("a line of NUL", "\0", "RFC 9110 §5.1"), ("a second status line", "HTTP/1.1 200 OK", "RFC 9112 §5"),
        ("a Connection option that is no token", "Connection: a b", "RFC 9110 §7.6.1"),
        ("a quoted Connection option", "Connection: \"close\"", "RFC 9110 §7.6.1"),
        (
            "65 Connection options", "Connection: " + (0..<65).map { "x-\($0)" }.joined(separator: ","),
            "RFC 9110 §7.6.1"
        ),
    ].map { name, line, section in
        ResponseRow(name, section, [.send(answer(line, "Content-Length: 2", then: "ok"))], .badGateway)
    }

    /// Lines that pass as they are, or in the one form that means the same.
    static let unusualFields: [ResponseRow] = [
        ("an empty value", "X-A:", ["X-A: "]), ("no space after the colon", "X-A:a", ["X-A: a"]),
        ("white space around a value", "X-A: \t a b \t ", ["X-A: a b"]),
        ("bytes beyond ASCII", "X-A: \u{E9}", ["X-A: \u{E9}"]),
        ("a name of odd characters", "!#$%&'*+-.^_`|~: a", ["!#$%&'*+-.^_`|~: a"]),
        (
            "the same field three times", "Set-Cookie: a\r\nX-A: b\r\nset-cookie: c",
            [
                "Set-Cookie: a", "X-A: b", "set-cookie: c",
            ]
        ),
        ("a field that Connection lists", "X-A: a\r\nConnection: x-a, x-b\r\nX-B: b\r\nX-C: c", ["X-C: c"]),
        ("a Connection that lists the length", "Connection: content-length, date", []),
        (
            "hop-by-hop fields without a Connection",
            "Keep-Alive: timeout=60\r\nTE: trailers\r\nUpgrade: h2c", []
        ),
        ("a proxy's own fields", "Proxy-Connection: keep-alive\r\nProxy-Authenticate: Basic", []),
        ("an empty Connection", "Connection:\r\nConnection: , ,", []),
        ("a Via of its own", "Via: 1.0 other", ["Via: 1.0 other"]),
    ].map { name, lines, passed in
        ResponseRow(
            name,
            "RFC 9110 §5, §7.6.1",
            [.send(answer(lines, "Content-Length: 2", then: "ok"))],
            .ok("ok", passed),
            isReused: true
        )
    }

    private static func fields(_ count: Int) -> [String] { (0..<count).map { "X-\($0): a" } }

    /// A head of exactly so many bytes, whose field takes what is left of them.
    private static func head(of size: Int) -> (text: String, field: String) {
        let frame = answer("X-A: ", "Content-Length: 2", then: "")
        let field = "X-A: " + String(repeating: "a", count: size - frame.utf8.count)
        return (answer(field, "Content-Length: 2", then: ""), field)
    }

    /// Heads at and beyond the limits: 64 KiB and 100 fields.
    static let sizes: [ResponseRow] = [
        ResponseRow(
            "100 fields",
            "RFC 9110 §5.4",
            [.send(answer((fields(99) + ["Content-Length: 2"]).joined(separator: "\r\n"), then: "ok"))],
            .ok("ok", fields(99)),
            isReused: true
        ),
        ResponseRow(
            "101 fields",
            "RFC 9110 §5.4",
            [.send(answer((fields(100) + ["Content-Length: 2"]).joined(separator: "\r\n"), then: "ok"))],
            .badGateway
        ),
        ResponseRow(
            "10 000 fields",
            "RFC 9110 §5.4",
            [.send(answer((fields(10_000) + ["Content-Length: 2"]).joined(separator: "\r\n"), then: "ok"))],
            .badGateway
        ),
        ResponseRow(
            "fields without end",
            "RFC 9110 §5.4",
            [.send(answer(fields(100_000).joined(separator: "\r\n")))],
            .badGateway
        ),
        ResponseRow(
            "a head of 64 KiB",
            "RFC 9110 §5.4",
            [.send(head(of: 65_536).text + "ok")],
            .ok("ok", [head(of: 65_536).field]),
            isReused: true
        ),
        ResponseRow(
            "a head of 64 KiB and a byte",
            "RFC 9110 §5.4",
            [.send(head(of: 65_537).text + "ok")],
            .badGateway
        ),
        ResponseRow(
            "a field of 1 MiB",
            "RFC 9110 §5.4",
            [.send(answer("X-A: " + String(repeating: "a", count: 1 << 20), "Content-Length: 0"))],
            .badGateway
        ),
        ResponseRow(
            "a field without end",
            "RFC 9110 §5.4",
            [.send("HTTP/1.1 200 OK\r\nX-A: " + String(repeating: "a", count: 70_000)), .silence],
            .badGateway
        ),
        ResponseRow(
            "a reason of 70 000 bytes",
            "RFC 9112 §4",
            [
                .send(
                    "HTTP/1.1 200 " + String(repeating: "a", count: 70_000) + "\r\nContent-Length: 0\r\n\r\n"
                )
            ],
            .badGateway
        ),
    ]
}
