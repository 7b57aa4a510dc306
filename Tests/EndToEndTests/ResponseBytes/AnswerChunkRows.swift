import Testing

/// Bodies in chunks, up to their trailers.
extension ResponseRow {
    /// Chunks that break the coding behind one that does not: what came is passed on, the end is not.
    static let brokenChunks: [ResponseRow] =
        [
            ("a size of letters", "zzz\r\n"), ("a size of plus 4", "+4\r\nmore\r\n0\r\n\r\n"),
            ("a size of minus 4", "-4\r\nmore\r\n0\r\n\r\n"), ("a size of 0x4", "0x4\r\nmore\r\n0\r\n\r\n"),
            ("an empty size", "\r\nmore\r\n0\r\n\r\n"), ("an extension alone", ";x\r\nmore\r\n0\r\n\r\n"),
            ("a space before a size", " 4\r\nmore\r\n0\r\n\r\n"),
            ("a word behind a size", "4 x\r\nmore\r\n0\r\n\r\n"),
            ("a space behind a size", "4 \r\nmore\r\n0\r\n\r\n"), ("a size and LF", "4\nmore\r\n0\r\n\r\n"),
            ("a size and CR CR LF", "4\r\r\nmore\r\n0\r\n\r\n"),
            ("a size and CR", "4\rmore\r\n0\r\n\r\n"),
            ("a size of 17 digits", "00000000000000004\r\nmore\r\n0\r\n\r\n"),
            ("a size of 2^63", "8000000000000000\r\nmore"),
            ("a size of 2^64 and 4", "10000000000000004\r\nmore\r\n0\r\n\r\n"),
            ("a size in octal's clothes", "0o4\r\nmore\r\n0\r\n\r\n"),
            ("a fractional size", "4.0\r\nmore\r\n0\r\n\r\n"),
            ("NUL in an extension", "4;\0\r\nmore\r\n0\r\n\r\n"),
            ("LF in an extension", "4;x\nmore\r\n0\r\n\r\n"),
            ("CR in an extension", "4;x\ry\r\nmore\r\n0\r\n\r\n"),
            ("an extension over 1 KiB", "4;" + String(repeating: "x", count: 1100) + "\r\nmore\r\n0\r\n\r\n"),
            ("an extension without end", "4;" + String(repeating: "x", count: 100_000)),
            ("another answer instead of a chunk", answer("Content-Length: 6", then: "poison")),
            ("a last chunk and LF", "0\n\n"), ("a last chunk and CR", "0\r\n\r"),
        ].map { name, rest in
            ResponseRow(
                name,
                "RFC 9112 §7.1",
                [.send(chunkedAnswer("4\r\nhalf\r\n" + rest)), .close],
                .unfinished("half")
            )
        } + [
            ResponseRow(
                "a chunk longer than it said",
                "RFC 9112 §7.1",
                [.send(chunkedAnswer("4\r\nhalfmore\r\n0\r\n\r\n"))],
                .unfinished("half")
            ),
            ResponseRow(
                "LF behind a chunk",
                "RFC 9112 §7.1",
                [.send(chunkedAnswer("4\r\nhalf\n0\r\n\r\n"))],
                .unfinished("half")
            ),
            ResponseRow(
                "no line end behind a chunk",
                "RFC 9112 §7.1",
                [.send(chunkedAnswer("4\r\nhalf0\r\n\r\n"))],
                .unfinished("half")
            ),
            ResponseRow(
                "a broken chunk, to an HTTP/1.0 client",
                "RFC 9112 §7.1",
                asked: .old,
                [.send(chunkedAnswer("4\r\nhalf\r\n")), .untilSeen, .send("zzz\r\n")],
                .broken("half")
            ),
        ]

    /// Chunks that end before their body does.
    static let unfinishedChunks: [ResponseRow] = [
        ("in a size", "4\r\nhalf\r\n4", "half"), ("in a chunk", "8\r\nhalf", "half"),
        ("before the line end of a chunk", "4\r\nhalf", "half"),
        ("before the last chunk", "4\r\nhalf\r\n", "half"),
        ("in the last chunk", "4\r\nhalf\r\n0", "half"),
        ("before the empty line", "4\r\nhalf\r\n0\r\n", "half"),
        ("in a trailer", "4\r\nhalf\r\n0\r\nSum: 5", "half"),
        ("behind a trailer", "4\r\nhalf\r\n0\r\nSum: 5\r\n", "half"),
        ("before any chunk", "", ""),
    ].flatMap { name, coded, body in
        [("closed", OriginStep.close), ("half-closed", .halfClose), ("reset", .reset)].flatMap { end, step in
            let row = ResponseRow(
                "a body \(end) \(name)",
                "RFC 9112 §8",
                [.send(chunkedAnswer(coded)), .untilSeen, step],
                .unfinished(body)
            )
            return [row, row.asked(.old, "to an HTTP/1.0 client", .broken(body))]
        }
    }

    /// Chunks as the coding allows them.
    static let unusualChunks: [ResponseRow] =
        [
            ("extensions", "2;a=b;c=\"d e\";f\r\nok\r\n0;last\r\n\r\n"),
            ("zeros in front of a size", "0002\r\nok\r\n000\r\n\r\n"),
            ("white space before an extension", "2 \t;a\r\nok\r\n0\r\n\r\n"),

            ("a byte at a time", "1\r\no\r\n1\r\nk\r\n0\r\n\r\n"),
        ].map { name, coded in
            ResponseRow(name, "RFC 9112 §7.1", [.send(chunkedAnswer(coded))], .chunked("ok"), isReused: true)
        } + [
            ResponseRow(
                "a size in capitals",
                "RFC 9112 §7.1",
                [.send(chunkedAnswer("A\r\n0123456789\r\n0\r\n\r\n"))],
                .chunked("0123456789"),
                isReused: true
            ),
            ResponseRow(
                "bytes behind the last chunk",
                "RFC 9112 §9.3",
                [.send(chunkedAnswer("2\r\nok\r\n0\r\n\r\npoison"))],
                .chunked("ok")
            ),
            ResponseRow(
                "a second last chunk",
                "RFC 9112 §9.3",
                [.send(chunkedAnswer("2\r\nok\r\n0\r\n\r\n0\r\n\r\n"))],
                .chunked("ok")
            ),
            ResponseRow(
                "chunks, to an HTTP/1.0 client",
                "RFC 9112 §7.1",
                asked: .old,
                [.send(chunkedAnswer("2\r\nok\r\n0\r\n\r\n"))],
                .untilClose("ok"),
                isReused: true
            ),
        ]

    /// So many trailers.
    private static func trailers(_ count: Int) -> [String] { (0..<count).map { "X-\($0): a" } }

    /// Trailers that pass, and those that must not.
    static let trailers: [ResponseRow] = [
        ResponseRow(
            "trailers",
            "RFC 9110 §6.5",
            [.send(chunkedAnswer("2\r\nok\r\n0\r\nSum: 5\r\nX-A:b\r\n\r\n"))],
            .chunked("ok", trailers: ["Sum: 5", "X-A: b"]),
            isReused: true
        ),
        ResponseRow(
            "trailers that frame, route or authorise",
            "RFC 9110 §6.5.1",
            [
                .send(
                    chunkedAnswer(
                        "2\r\nok\r\n0\r\nContent-Length: 9\r\nTransfer-Encoding: gzip\r\nHost: a\r\nSet-Cookie: a=b\r\n"
                            + "Connection: close\r\nAuthorization: a\r\nContent-Type: a/b\r\nX-Forwarded-For: 1.2.3.4\r\n"
                            + "Location: /a\r\nCache-Control: no-store\r\nSum: 5\r\nUpgrade: h2c\r\nTE: a\r\n\r\n"
                    )
                )
            ],
            .chunked("ok", trailers: ["Sum: 5"]),
            isReused: true
        ),
        ResponseRow(
            "a trailer that Connection lists",
            "RFC 9110 §7.6.1",
            [
                .send(
                    answer(
                        "Connection: x-a, X-B",
                        "Transfer-Encoding: chunked",
                        then: "2\r\nok\r\n0\r\nX-A: a\r\nSum: 5\r\nx-b: b\r\n\r\n"
                    )
                )
            ],
            .chunked("ok", trailers: ["Sum: 5"]),
            isReused: true
        ),
        ResponseRow(
            "100 trailers",
            "RFC 9110 §6.5",
            [.send(chunkedAnswer("2\r\nok\r\n0\r\n" + trailers(100).joined(separator: "\r\n") + "\r\n\r\n"))],
            .chunked("ok", trailers: trailers(100)),
            isReused: true
        ),
        ResponseRow(
            "trailers, to an HTTP/1.0 client",
            "RFC 9110 §6.5.1",
            asked: .old,
            [.send(chunkedAnswer("2\r\nok\r\n0\r\nSum: 5\r\n\r\n"))],
            .untilClose("ok"),
            isReused: true
        ),
    ]

    /// Trailer sections that are none: the body is not complete without a proper one.
    static let brokenTrailers: [ResponseRow] =
        [
            ("a trailer without a colon", "no colon"), ("a trailer with a space before its colon", "X-A : a"),
            ("a trailer without a name", ": a"), ("a folded trailer", "X-A: a\r\n b"),
            ("a trailer with NUL", "X-A: a\0b"),
            ("a trailer with LF", "X-A: a\nX-B: b"), ("a trailer with CR", "X-A: a\rb"),
            ("a status line among the trailers", "HTTP/1.1 200 OK"),
            ("101 trailers", trailers(101).joined(separator: "\r\n")),
            ("trailers of 70 000 bytes", "X-A: " + String(repeating: "a", count: 70_000)),
        ].flatMap { name, lines in
            let row = ResponseRow(
                name,
                "RFC 9112 §7.1.2",
                [.send(chunkedAnswer("4\r\nhalf\r\n")), .untilSeen, .send("0\r\n\(lines)\r\n\r\n")],
                .unfinished("half")
            )
            return [row, row.asked(.old, "to an HTTP/1.0 client", .broken("half"))]
        } + [
            ResponseRow(
                "a good trailer before a bad one",
                "RFC 9112 §7.1.2",
                [.send(chunkedAnswer("4\r\nhalf\r\n0\r\nSum: 5\r\nX-A : a\r\n\r\n"))],
                .unfinished("half")
            )
        ]
}
