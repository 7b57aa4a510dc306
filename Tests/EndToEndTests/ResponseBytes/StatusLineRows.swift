import Testing

/// First lines that are, or are not, a status line.
extension ResponseRow {
    /// Lines that are none; what follows them would be a proper answer.
    static let brokenStatusLines: [ResponseRow] = [
        // The version.
        ("lower case", "http/1.1 200 OK"), ("mixed case", "Http/1.1 200 OK"), ("HTTP/2.0", "HTTP/2.0 200 OK"),
        ("HTTP/2", "HTTP/2 200 OK"), ("HTTP/0.9", "HTTP/0.9 200 OK"), ("HTTP/1", "HTTP/1 200 OK"),
        ("HTTP/1.10", "HTTP/1.10 200 OK"), ("HTTP/01.1", "HTTP/01.1 200 OK"), ("HTTP/1.x", "HTTP/1.x 200 OK"),
        ("HTTP/+1.1", "HTTP/+1.1 200 OK"), ("HTTP 1.1", "HTTP 1.1 200 OK"), ("HTTP/1,1", "HTTP/1,1 200 OK"),
        ("no version", "200 OK"), ("another protocol", "RTSP/1.0 200 OK"), ("Shoutcast", "ICY 200 OK"),
        ("a version alone", "HTTP/1.1"), ("a request line", "GET / HTTP/1.1"),
        // The white space.
        ("a space in front", " HTTP/1.1 200 OK"), ("an empty line in front", "\r\nHTTP/1.1 200 OK"),
        ("two spaces", "HTTP/1.1  200 OK"), ("a tab before the status", "HTTP/1.1\t200 OK"),
        ("a tab after the status", "HTTP/1.1 200\tOK"), ("no space after the status", "HTTP/1.1 200OK"),
        // The status.
        ("no status", "HTTP/1.1 OK"), ("status 2", "HTTP/1.1 2 OK"), ("status 20", "HTTP/1.1 20 OK"),
        ("status 000", "HTTP/1.1 000 Zero"), ("status 099", "HTTP/1.1 099 Low"),
        ("status 600", "HTTP/1.1 600 High"), ("status 999", "HTTP/1.1 999 High"),
        ("status 1000", "HTTP/1.1 1000 High"), ("status 0200", "HTTP/1.1 0200 OK"),
        ("status -200", "HTTP/1.1 -200 OK"), ("status +20", "HTTP/1.1 +20 OK"),
        ("status 2x0", "HTTP/1.1 2x0 OK"), ("status 20.", "HTTP/1.1 20. OK"),
        ("status in other digits", "HTTP/1.1 \u{661}\u{660} OK"),
        // The reason.
        ("NUL in the reason", "HTTP/1.1 200 O\0K"), ("DEL in the reason", "HTTP/1.1 200 O\u{7F}K"),
        ("an escape in the reason", "HTTP/1.1 200 \u{1B}[2J"), ("CR in the reason", "HTTP/1.1 200 O\rK"),
        ("CR CR LF", "HTTP/1.1 200 OK\r"), ("LF alone", "HTTP/1.1 200 OK\nX-A: 1"),
    ].map { name, line in
        ResponseRow(
            name,
            "RFC 9112 §4",
            [.send("\(line)\r\nContent-Length: 2\r\n\r\nok")],
            .badGateway
        )
    }

    /// Lines that are one, though some clients and proxies stumble over them.
    static let unusualStatusLines: [ResponseRow] = [
        ("an empty reason", "HTTP/1.1 200 ", "200 "), ("no reason and no space", "HTTP/1.1 200", "200 "),
        ("a later minor version", "HTTP/1.2 200 OK", "200 OK"), ("HTTP/1.9", "HTTP/1.9 200 OK", "200 OK"),
        ("blanks in the reason", "HTTP/1.1 200  two \t words ", "200  two \t words "),
        ("a reason beyond ASCII", "HTTP/1.1 200 \u{E9}t\u{E9}", "200 \u{E9}t\u{E9}"),
        ("an unknown status", "HTTP/1.1 299 Odd", "299 Odd"),
        ("the highest status", "HTTP/1.1 599 Last", "599 Last"),
        ("an unknown class member", "HTTP/1.1 418 Teapot", "418 Teapot"),
    ].map { name, line, status in
        ResponseRow(
            name,
            "RFC 9112 §4, RFC 9110 §2.5, §15",
            [.send("\(line)\r\nContent-Length: 2\r\n\r\nok")],
            .answer(ExpectedAnswer(status: status, body: "ok")),
            isReused: true
        )
    }

    /// Other protocols behind a port that was meant to speak HTTP/1.1.
    static let otherProtocols: [ResponseRow] = [
        ResponseRow("SSH", "RFC 4253 §4.2", [.send("SSH-2.0-OpenSSH_9.2\r\n"), .silence], .badGateway),
        ResponseRow("SMTP", "RFC 5321 §4.2", [.send("220 mail.test ESMTP\r\n"), .silence], .badGateway),
        ResponseRow("a TLS alert", "RFC 8446 §6", [.bytes([21, 3, 3, 0, 2, 2, 70]), .close], .badGateway),
        ResponseRow("half a TLS alert", "RFC 8446 §6", [.bytes([21, 3, 3]), .close], .badGateway),
        ResponseRow(
            "a TLS ServerHello",
            "RFC 8446 §4.1.3",
            [.bytes([22, 3, 3, 0, 122, 2, 0, 0, 118])],
            .badGateway
        ),
        ResponseRow(
            "HTTP/2 SETTINGS and GOAWAY",
            "RFC 9113 §6.5, §6.8",
            [.bytes([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]), .close],
            .badGateway
        ),
        ResponseRow(
            "the HTTP/2 preface",
            "RFC 9113 §3.4",
            [.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), .close],
            .badGateway
        ),
        ResponseRow(
            "HTTP/0.9",
            "RFC 9112 §4",
            [.send("<html><body>no head at all</body></html>\r\n"), .close],
            .badGateway
        ),
        ResponseRow("HTTP/0.9 in few bytes", "RFC 9112 §4", [.send("hello"), .close], .badGateway),
        ResponseRow("zeros", "RFC 9112 §4", [.bytes([UInt8](repeating: 0, count: 100_000))], .badGateway),
        ResponseRow(
            "a byte order mark",
            "RFC 9112 §4",
            [.send("\u{FEFF}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")],
            .badGateway
        ),
        ResponseRow(
            "text without a line end",
            "RFC 9112 §2.2",
            [.send(String(repeating: "x", count: 70_000))],
            .badGateway
        ),
    ]
}
