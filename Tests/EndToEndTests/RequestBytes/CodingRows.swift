/// A body in chunks that says `hello`.
private let hello = "5\r\nhello\r\n0\r\n\r\n"

/// A chunked POST of `hello` with these lines for its `Transfer-Encoding`.
private func coded(_ fields: String...) -> String { requestText("POST", "/", fields, body: hello) }

/// What the origin sees of it, if anything.
private let canonical = SeenRequest("POST /", chunks: ["hello"])

/// `Transfer-Encoding`, alone and with `Content-Length`.
extension RequestTable {
    static let codings = plainCodings + badCodings + unknownCodings + bothFramings + disguisedCodings

    private static let plainCodings: [RequestRow] =
        [
            "Transfer-Encoding: chunked", "Transfer-Encoding: CHUNKED", "Transfer-Encoding: Chunked",
            "transfer-encoding: chunked", "TRANSFER-ENCODING:chunked", "Transfer-Encoding:\tchunked",
            "Transfer-Encoding:  chunked \t", "Transfer-Encoding: chunked,", "Transfer-Encoding: ,chunked",
            "Transfer-Encoding: , \t,chunked, ,",
        ].map { .passes("9112 §7", printable(wire($0)), coded($0), as: canonical) }
        + ["GET", "HEAD", "DELETE", "OPTIONS", "BREW"].map { (method: String) -> RequestRow in
            .passes(
                "9112 §6.1",
                "\(method) in chunks",
                requestText(method, "/", ["Transfer-Encoding: chunked"], body: hello),
                as: SeenRequest("\(method) /", chunks: ["hello"])
            )
        } + [
            .passes(
                "9110 §2.5",
                "chunks in a later minor version",
                "POST / HTTP/1.2\r\nHost: example.test\r\nTransfer-Encoding: chunked\r\n\r\n\(hello)",
                as: canonical
            ),
            .passes(
                "9110 §7.6.1",
                "chunks that Connection names",
                coded("Connection: Transfer-Encoding", "Transfer-Encoding: chunked"),
                as: canonical
            ),
            .passes(
                "9110 §10.1.4",
                "TE is not Transfer-Encoding",
                requestText("GET", "/", ["Connection: TE", "TE: chunked, trailers"]),
                as: SeenRequest("GET /")
            ),
            .passes(
                "9110 §5.1",
                "another field whose name ends in Transfer-Encoding",
                requestText("GET", "/", ["X-Transfer-Encoding: chunked", "Transfer-Encodings: chunked"]),
                as: SeenRequest(
                    "GET /",
                    [
                        "Host: example.test", "X-Transfer-Encoding: chunked", "Transfer-Encodings: chunked",
                    ]
                )
            ),
            .refused(
                "9110 §9.3.8",
                "TRACE in chunks",
                requestText("TRACE", "/", ["Transfer-Encoding: chunked"], body: hello)
            ),
            .refused(
                "9110 §9.3.2",
                "HEAD in an unknown coding, answered without a body",
                requestText("HEAD", "/", ["Transfer-Encoding: gzip, chunked"], body: hello),
                501
            ),
        ]

    /// Lists whose last coding is not one chunked, or that are no lists of codings.
    private static let badCodings: [RequestRow] =
        [
            "", ",", "gzip", "identity", "chunked, identity", "identity, chunked", "chunked, chunked",
            "chunked, gzip", "chunked, gzip, chunked", "xchunked", "chunkedx", "chunke", "hunked",
            "\"chunked\"",
            "'chunked'", "chunked;q=1", "chunked; q=1", "chunked;", "chunked foo", "chunked\tfoo",
            "chunked/1",
            "chunked=1", "{chunked}", "(chunked)", "chunked()", "\\chunked", "chun\\ked", "chunked; ,chunked",
            "gzip;q=1, chunked", "chunked\u{A0}", "\u{A0}chunked", "\u{FF}chunked", "c\u{68}unk\u{E9}d",
            "chunked\u{B}", "\u{B}chunked", "chunked\u{C}", "chunked\0", "chunked\0x", "\0chunked",
            "chunked\u{8}",
            "\u{7F}chunked", "[chunked]", "chunked:", ": chunked", "chunked\r\nTransfer-Encoding: chunked",
            "chunked\r\nTransfer-Encoding: identity", "identity\r\nTransfer-Encoding: chunked",
            "gzip\r\nTransfer-Encoding: chunked", "\r\nTransfer-Encoding: chunked",
            "chunked\r\nTransfer-Encoding:", "chunked\r\nTransfer-Encoding: ,",
            "chunked\r\ntransfer-encoding: x",
            "chunked\r\nX-A: 1\r\nTransfer-Encoding: chunked",
        ].map { (value: String) -> RequestRow in
            .refused(
                "9112 §6.3",
                "Transfer-Encoding: \(printable(wire(value)))",
                coded("Transfer-Encoding: \(value)")
            )
        }

    private static let unknownCodings: [RequestRow] = [
        "gzip, chunked", "deflate,chunked", "x-gzip , chunked", "xchunked, chunked", "gzip, deflate, chunked",
    ].map { (value: String) -> RequestRow in
        .refused("9112 §6.1", "Transfer-Encoding: \(value)", coded("Transfer-Encoding: \(value)"), 501)
    }

    /// Both framings, or chunks where there are none.
    private static let bothFramings: [RequestRow] =
        [
            ["Content-Length: 5", "Transfer-Encoding: chunked"],
            ["Transfer-Encoding: chunked", "Content-Length: 5"],
            ["Content-Length: 0", "Transfer-Encoding: chunked"],
            ["Transfer-Encoding: CHUNKED", "X-A: 1", "content-length: 15"],
            ["Content-Length: 5", "Transfer-Encoding: identity"],
            ["Content-Length: 5", "Transfer-Encoding: gzip"], ["Content-Length: 5", "Transfer-Encoding:"],
            ["Transfer-Encoding: ,", "Content-Length: 5"],
            ["Content-Length: 5", "Transfer-Encoding: gzip, chunked"],
            ["Content-Length: 5", "Transfer-Encoding: xchunked"],
            ["Content-Length: 5", "Content-Length: 5", "Transfer-Encoding: chunked"],
            ["Connection: Content-Length", "Content-Length: 5", "Transfer-Encoding: chunked"],
            ["Connection: Transfer-Encoding", "Content-Length: 15", "Transfer-Encoding: chunked"],
        ].map { (fields: [String]) -> RequestRow in
            let text = requestText("POST", "/", fields, body: hello)
            return .refused("9112 §6.3", fields.joined(separator: ", "), text)
        }
        + ["chunked", "identity", "gzip, chunked", ""].map { (value: String) -> RequestRow in
            .refused(
                "9112 §6.1",
                "Transfer-Encoding: \(value) in HTTP/1.0",
                "POST / HTTP/1.0\r\nHost: example.test\r\nTransfer-Encoding: \(value)\r\n\r\n\(hello)"
            )
        } + [
            .refused(
                "9112 §6.1",
                "chunks in HTTP/1.0 with a length and keep-alive",
                "POST / HTTP/1.0\r\nHost: example.test\r\nConnection: keep-alive\r\nContent-Length: 15\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n\(hello)"
            )
        ]

    /// Lines that one reader takes for `Transfer-Encoding` and another does not.
    private static let disguisedCodings: [RequestRow] =
        [
            ("9112 §5.1", "Transfer-Encoding : chunked"), ("9112 §5.1", "Transfer-Encoding\t: chunked"),
            ("9112 §5.2", "X-A: 1\r\n Transfer-Encoding: chunked"),
            ("9112 §5.2", "Transfer-Encoding:\r\n chunked"),
            ("9112 §5.2", "Transfer-Encoding: chun\r\n\tked"),
            ("9112 §5.2", "Transfer-Encoding: chunked\r\n "),
            ("9112 §2.2", "X-A: 1\nTransfer-Encoding: chunked"),
            ("9112 §2.2", "X-A: 1\rTransfer-Encoding: chunked"),
            ("9112 §2.2", "X-A: 1\r\r\nTransfer-Encoding: chunked"),
            ("9110 §5.1", "Transfer-Encoding\0: chunked"), ("9110 §5.1", "\0Transfer-Encoding: chunked"),
            ("9110 §5.1", "\u{B}Transfer-Encoding: chunked"), ("9110 §5.1", "Transfer-Encoding;: chunked"),
            ("9110 §5.1", "\"Transfer-Encoding\": chunked"), ("9110 §5.1", "Transfer Encoding: chunked"),
            ("9110 §5.1", "Transfer\u{AD}-Encoding: chunked"), ("9110 §5.1", "Transfer-Encoding chunked"),
            ("9110 §5.1", "Transfer-Encoding= chunked"), ("9112 §5", "Transfer-Encoding"),
            ("9112 §11.2", "Transfer_Encoding: chunked"), ("9112 §11.2", "TRANSFER_ENCODING: chunked"),
            ("9112 §11.2", "Transfer.Encoding: chunked"), ("9112 §11.2", "transfer~encoding: x"),
            ("9112 §11.2", "Content_Length: 15"), ("9112 §11.2", "content.length: 15"),
            ("9112 §11.2", "Content+Length:"),
        ].flatMap { (rule, line) -> [RequestRow] in
            [
                .refused(rule, printable(wire(line)), coded(line)),
                .refused(
                    rule,
                    "\(printable(wire(line))) behind a length",
                    requestText("POST", "/", ["Content-Length: 15", line], body: hello)
                ),
            ]
        }
}
