/// A POST of `/` with these field lines.
func post(_ fields: String..., body: String = "") -> String { requestText("POST", "/", fields, body: body) }

/// Whether and how long a body is by `Content-Length`.
extension RequestTable {
    static let lengths =
        badLengths + [
            .passes(
                "9110 §8.6",
                "a length",
                post("Content-Length: 5", body: "hello"),
                as: SeenRequest("POST /", length: 5, body: "hello")
            ),
            .passes(
                "9110 §8.6",
                "a length with leading zeros",
                post("Content-Length: 0005", body: "hello"),
                as: SeenRequest("POST /", length: 5, body: "hello")
            ),
            .passes(
                "9110 §8.6",
                "a length that would be eight if it were octal",
                post("Content-Length: 010", body: "helloworld"),
                as: SeenRequest("POST /", length: 10, body: "helloworld")
            ),
            .passes(
                "9110 §8.6",
                "a length with more zeros than any number has digits",
                post("Content-Length: " + String(repeating: "0", count: 40) + "5", body: "hello"),
                as: SeenRequest("POST /", length: 5, body: "hello")
            ),
            .passes(
                "9110 §5.6.3",
                "a length with white space around it",
                post("Content-Length:\t 5 \t", body: "hello"),
                as: SeenRequest("POST /", length: 5, body: "hello")
            ),
            .passes(
                "9110 §5.6.3",
                "a length without white space in front",
                post("Content-Length:5", body: "hello"),
                as: SeenRequest("POST /", length: 5, body: "hello")
            ),
            .passes(
                "9110 §5.1",
                "a length in odd case",
                post("cOnTeNt-LeNgTh: 5", body: "hello"),
                as: SeenRequest("POST /", length: 5, body: "hello")
            ),
            .passes(
                "9110 §8.6",
                "a length of zero",
                post("Content-Length: 0"),
                as: SeenRequest("POST /", length: 0)
            ),
            .passes(
                "9110 §8.6",
                "a length of many zeros",
                post("Content-Length: 000"),
                as: SeenRequest("POST /", length: 0)
            ),
            .passes("9112 §6.3", "no length", post(), as: SeenRequest("POST /")),
            .passes(
                "9110 §9.3.1",
                "a GET with a body",
                requestText("GET", "/", ["Content-Length: 5"], body: "hello"),
                as: SeenRequest("GET /", length: 5, body: "hello")
            ),
            .passes(
                "9110 §9.3.2",
                "a HEAD with a body",
                requestText("HEAD", "/", ["Content-Length: 5"], body: "hello"),
                as: SeenRequest("HEAD /", length: 5, body: "hello")
            ),
            .passes(
                "9110 §9.3.5",
                "a DELETE with a body",
                requestText("DELETE", "/", ["Content-Length: 5"], body: "hello"),
                as: SeenRequest("DELETE /", length: 5, body: "hello")
            ),
            .passes(
                "9110 §9.3.7",
                "an OPTIONS with a body",
                requestText("OPTIONS", "*", ["Content-Length: 5"], body: "hello"),
                as: SeenRequest("OPTIONS *", length: 5, body: "hello")
            ),
            .passes(
                "9112 §6.3",
                "an unknown method with a body",
                requestText("BREW", "/", ["Content-Length: 5"], body: "hello"),
                as: SeenRequest("BREW /", length: 5, body: "hello")
            ),
            .passes(
                "9112 §6.3",
                "a body that looks like a request",
                post("Content-Length: 44", body: "GET /evil HTTP/1.1\r\nHost: example.test\r\n\r\nxx"),
                as: SeenRequest(
                    "POST /",
                    length: 44,
                    body: "GET /evil HTTP/1.1\r\nHost: example.test\r\n\r\nxx"
                )
            ),
            .passes(
                "9110 §5.1",
                "another field whose name ends in Content-Length",
                requestText("GET", "/", ["X-Content-Length: 5", "Content-Lengths: 5"]),
                as: SeenRequest("GET /", ["Host: example.test", "X-Content-Length: 5", "Content-Lengths: 5"])
            ),
            .refused(
                "9110 §9.3.8",
                "a TRACE with a body",
                requestText("TRACE", "/", ["Content-Length: 5"], body: "hello")
            ),
            .refused(
                "9110 §9.3.2",
                "a HEAD with a bad length, answered without a body",
                requestText("HEAD", "/", ["Content-Length: -1"])
            ),
        ]

    /// Values that are not digits only, or no number of 63 bits.
    private static let badLengths: [RequestRow] = [
        "+5", "-5", "-0", "0x5", "0X5", "0b101", "0o5", "5.0", "5e0", "5 5", "5\t5", "5,5", "5, 5", "5, 6",
        "5,",
        ",5", "five", "", "\"5\"", "'5'", "5;", "5;q=1", "5 bytes", "1_0", "(5)", "\u{B}5", "5\u{B}",
        "5\u{C}",
        "5\0", "5\0 9", "\u{A0}5", "\u{B2}", "\u{D9}\u{A5}", "\u{EF}\u{BC}\u{95}", "5\u{7F}", "5\r\n ",
        "5\r\n 6", "\r\n 5", "9223372036854775808", "18446744073709551615", "18446744073709551616",
        "18446744073709551621", "99999999999999999999999999", "-9223372036854775808", "NaN", "Infinity",
        "%35",
        "5\r\nContent-Length: 5", "5\r\nContent-Length: 6", "6\r\nContent-Length: 5",
        "0\r\nContent-Length: 5",
        "5\r\nContent-Length: 0", "5\r\ncontent-length: 5", "5\r\nContent-Length:", "\r\nContent-Length: 5",
        "5\r\nX-A: 1\r\nContent-Length: 5", "0\r\nContent-Length: 0",
    ].map { (value: String) -> RequestRow in
        .refused(
            "9110 §8.6",
            "Content-Length: \(printable(wire(value)))",
            post("Content-Length: \(value)", body: "hello")
        )
    }
}
