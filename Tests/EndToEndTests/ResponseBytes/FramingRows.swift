import Testing

/// What the fields say of the end of a body.
extension ResponseRow {
    /// Framings that two readers could read differently, or that nobody here can.
    static let doubtfulFramings: [ResponseRow] =
        [
            ("a coding and a length", "Transfer-Encoding: chunked\r\nContent-Length: 2", "RFC 9112 §6.3"),
            ("a length and a coding", "Content-Length: 2\r\nTransfer-Encoding: chunked", "RFC 9112 §6.3"),
            (
                "a coding and a length of nothing", "Transfer-Encoding: chunked\r\nContent-Length: 0",
                "RFC 9112 §6.3"
            ),
            ("two lengths", "Content-Length: 2\r\nContent-Length: 3", "RFC 9112 §6.3"),
            ("the same length twice", "Content-Length: 2\r\nContent-Length: 2", "RFC 9110 §8.6"),
            ("a list of lengths", "Content-Length: 2, 2", "RFC 9110 §8.6"),
            ("a length with a comma", "Content-Length: 2,", "RFC 9110 §8.6"),
            ("a length of plus 2", "Content-Length: +2", "RFC 9110 §8.6"),
            ("a length of minus 2", "Content-Length: -2", "RFC 9110 §8.6"),
            ("a hexadecimal length", "Content-Length: 0x2", "RFC 9110 §8.6"),
            ("a fractional length", "Content-Length: 2.0", "RFC 9110 §8.6"),
            ("a length with an exponent", "Content-Length: 2e0", "RFC 9110 §8.6"),
            ("a length with a space", "Content-Length: 1 2", "RFC 9110 §8.6"),
            ("a length with a unit", "Content-Length: 2b", "RFC 9110 §8.6"),
            ("a quoted length", "Content-Length: \"2\"", "RFC 9110 §8.6"),
            ("no length", "Content-Length:", "RFC 9110 §8.6"),
            ("a length of words", "Content-Length: two", "RFC 9110 §8.6"),
            ("a length in other digits", "Content-Length: \u{FF12}", "RFC 9110 §8.6"),
            ("a length of 2^63", "Content-Length: 9223372036854775808", "RFC 9110 §8.6"),
            ("a length of 2^64 and 2", "Content-Length: 18446744073709551618", "RFC 9110 §8.6"),
            (
                "a length of 40 digits", "Content-Length: " + String(repeating: "9", count: 40),
                "RFC 9110 §8.6"
            ),
            ("gzip", "Transfer-Encoding: gzip", "RFC 9112 §6.1"),
            ("gzip before chunked", "Transfer-Encoding: gzip, chunked", "RFC 9112 §6.1"),
            ("gzip behind chunked", "Transfer-Encoding: chunked, gzip", "RFC 9112 §6.1"),
            (
                "gzip in a field of its own", "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
                "RFC 9112 §6.1"
            ),
            ("chunked twice", "Transfer-Encoding: chunked, chunked", "RFC 9112 §6.1"),
            (
                "chunked in two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                "RFC 9112 §6.1"
            ),
            ("identity", "Transfer-Encoding: identity", "RFC 9112 §6.1"),
            ("identity behind chunked", "Transfer-Encoding: chunked, identity", "RFC 9112 §6.1"),
            ("an unknown coding", "Transfer-Encoding: xchunked", "RFC 9112 §6.1"),
            ("chunked in quotes", "Transfer-Encoding: \"chunked\"", "RFC 9112 §6.1"),
            ("chunked with a parameter", "Transfer-Encoding: chunked;q=1", "RFC 9112 §6.1"),
            ("chunked and a word", "Transfer-Encoding: chunked x", "RFC 9112 §6.1"),
            ("chunked behind a vertical tab", "Transfer-Encoding: \u{B}chunked", "RFC 9112 §6.1"),
            ("no coding", "Transfer-Encoding:", "RFC 9112 §6.1"),
        ].map { name, lines, section in
            ResponseRow(name, section, [.send(answer(lines, then: "2\r\nok\r\n0\r\n\r\n"))], .badGateway)
        } + [
            ResponseRow(
                "chunks in HTTP/1.0",
                "RFC 9112 §6.1",
                [.send("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")],
                .badGateway
            ),
            ResponseRow(
                "a coding and a length in answer to HEAD",
                "RFC 9112 §6.3",
                asked: .head,
                [.send(answer("Transfer-Encoding: chunked", "Content-Length: 2"))],
                .badGateway
            ),
            ResponseRow(
                "two lengths on a 304",
                "RFC 9112 §6.3",
                [.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n")],
                .badGateway
            ),
            ResponseRow(
                "two lengths, to an HTTP/1.0 client",
                "RFC 9112 §6.3",
                asked: .old,
                [.send(answer("Content-Length: 2", "Content-Length: 3", then: "ok"))],
                .badGateway
            ),
        ]

    /// Framings with one meaning, in an unusual spelling.
    static let unusualFramings: [ResponseRow] = [
        ResponseRow(
            "a length with zeros in front",
            "RFC 9110 §8.6",
            [.send(answer("Content-Length: 00000000000000000000002", then: "ok"))],
            .ok(),
            isReused: true
        ),
        ResponseRow(
            "a length between tabs",
            "RFC 9110 §5.5",
            [.send(answer("Content-Length:\t2\t", then: "ok"))],
            .ok(),
            isReused: true
        ),
        ResponseRow(
            "a coding in capitals",
            "RFC 9112 §7",
            [.send(answer("TRANSFER-ENCODING: CHUNKED", then: "2\r\nok\r\n0\r\n\r\n"))],
            .chunked("ok"),
            isReused: true
        ),
        ResponseRow(
            "a coding in a list with empty elements",
            "RFC 9110 §5.6.1",
            [.send(answer("Transfer-Encoding: , chunked ,", then: "2\r\nok\r\n0\r\n\r\n"))],
            .chunked("ok"),
            isReused: true
        ),
    ]

    /// Bodies against their length.
    static let lengths: [ResponseRow] = [
        ResponseRow(
            "a body that is closed short",
            "RFC 9112 §8",
            [.send(answer("Content-Length: 100", then: "half")), .untilSeen, .close],
            .short("half")
        ),
        ResponseRow(
            "a body that is half-closed short",
            "RFC 9112 §8",
            [.send(answer("Content-Length: 100", then: "half")), .untilSeen, .halfClose],
            .short("half")
        ),
        ResponseRow(
            "a body that is reset short",
            "RFC 9112 §8",
            [.send(answer("Content-Length: 100", then: "half")), .untilSeen, .reset],
            .short("half")
        ),
        ResponseRow(
            "a body of which nothing comes",
            "RFC 9112 §8",
            [.send(answer("Content-Length: 100")), .untilSeen, .close],
            .short("")
        ),
        ResponseRow(
            "a body that lacks its last byte",
            "RFC 9112 §8",
            [.send(answer("Content-Length: 5", then: "hell")), .close],
            .short("hell", of: 5)
        ),
        ResponseRow(
            "a body of 2^63 - 1 bytes that ends early",
            "RFC 9112 §8",
            [.send(answer("Content-Length: 9223372036854775807", then: "half")), .untilSeen, .close],
            .short("half", of: .max)
        ),
        ResponseRow(
            "a body that is closed short, to an HTTP/1.0 client",
            "RFC 9112 §8",
            asked: .oldKeepAlive,
            [.send(answer("Content-Length: 100", then: "half")), .untilSeen, .close],
            .short("half")
        ),
        ResponseRow(
            "a body longer than it said",
            "RFC 9112 §6.3",
            [.send(answer("Content-Length: 2", then: "okpoison"))],
            .ok()
        ),
        ResponseRow(
            "a body longer than it said by a line end",
            "RFC 9112 §6.3",
            [.send(answer("Content-Length: 2", then: "ok\r\n"))],
            .ok()
        ),
        ResponseRow(
            "a body that was to be empty",
            "RFC 9112 §6.3",
            [.send(answer("Content-Length: 0", then: "poison"))],
            .ok("")
        ),
        ResponseRow(
            "a body longer than it said, to an HTTP/1.0 client",
            "RFC 9112 §6.3",
            asked: .old,
            [.send(answer("Content-Length: 2", then: "okpoison"))],
            .ok()
        ),
        ResponseRow(
            "a second answer behind the first",
            "RFC 9112 §9.3",
            [.send(answer("Content-Length: 2", then: "ok") + answer("Content-Length: 6", then: "poison"))],
            .ok()
        ),
        ResponseRow(
            "a 100 behind the final answer",
            "RFC 9110 §15.2",
            [.send(answer("Content-Length: 2", then: "ok") + "HTTP/1.1 100 Continue\r\n\r\n")],
            .ok()
        ),
        ResponseRow(
            "a complete body and a reset",
            "RFC 9112 §9.6",
            [.send(answer("Content-Length: 2", then: "ok")), .untilSeen, .reset],
            .ok()
        ),
    ]
}
