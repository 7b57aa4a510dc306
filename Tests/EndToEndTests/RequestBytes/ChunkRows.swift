/// A chunked POST with this body.
private func chunked(_ body: String) -> String {
    requestText("POST", "/", ["Transfer-Encoding: chunked"], body: body)
}

/// The head of all of them.
private let head = SeenRequest("POST /", chunks: [])

/// The chunked coding, without its trailers.
extension RequestTable {
    static let chunkSizes = goodChunks + badSizes + badExtensions + badData

    private static let goodChunks: [RequestRow] = [
        ("9112 §7.1", "one chunk", "5\r\nhello\r\n0\r\n\r\n", ["hello"]),
        ("9112 §7.1", "no chunk", "0\r\n\r\n", []),
        ("9112 §7.1", "two chunks", "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", ["hello", "!"]),
        ("9112 §7.1", "a size with leading zeros", "0000000000000005\r\nhello\r\n0\r\n\r\n", ["hello"]),
        ("9112 §7.1", "a last chunk of sixteen zeros", "5\r\nhello\r\n0000000000000000\r\n\r\n", ["hello"]),
        ("9112 §7.1", "a size in lower case", "a\r\nhelloworld\r\n0\r\n\r\n", ["helloworld"]),
        ("9112 §7.1", "a size in upper case", "0A\r\nhelloworld\r\n0\r\n\r\n", ["helloworld"]),
        ("9112 §7.1.1", "an extension", "5;a=b\r\nhello\r\n0\r\n\r\n", ["hello"]),
        ("9112 §7.1.1", "an extension without a value", "5;a\r\nhello\r\n0\r\n\r\n", ["hello"]),
        (
            "9112 §7.1.1", "a quoted extension that looks like a chunk",
            "5;a=\"; 0\"\r\nhello\r\n0\r\n\r\n", ["hello"]
        ),
        ("9112 §7.1.1", "white space around an extension", "5 \t; a = b\r\nhello\r\n0\r\n\r\n", ["hello"]),
        ("9112 §7.1.1", "an extension of the last chunk", "5\r\nhello\r\n0;a=b;c\r\n\r\n", ["hello"]),
        ("9112 §7.1.1", "an extension beyond ASCII", "5;a=\"\u{E9}\"\r\nhello\r\n0\r\n\r\n", ["hello"]),
        (
            "9112 §7.1.1", "an extension of a thousand bytes",
            "5;a=\(String(repeating: "x", count: 1000))\r\nhello\r\n0\r\n\r\n", ["hello"]
        ),
        ("9112 §7.1", "data that ends a body", "5\r\n0\r\n\r\n\r\n0\r\n\r\n", ["0\r\n\r\n"]),
        (
            "9112 §7.1", "data that looks like a request", "18\r\nGET /evil HTTP/1.1\r\n\r\nxx\r\n0\r\n\r\n",
            ["GET /evil HTTP/1.1\r\n\r\nxx"]
        ),
        ("9112 §7.1", "data of every kind", "4\r\n\0\r\n\u{FF}\r\n0\r\n\r\n", ["\0\r\n\u{FF}"]),
    ].map { (rule, name, body, chunks) -> RequestRow in
        .passes(rule, name, chunked(body), as: SeenRequest("POST /", chunks: chunks))
    }

    /// Lines that are no size in one to sixteen digits below 2^63.
    private static let badSizes: [RequestRow] =
        [
            "+5", "-5", "0x5", "0X5", "x5", "5h", "g", "", " 5", "\t5", "5 ", "5\t", "5 5", "5,", "5.0", "#5",
            "$5", "5_", "\u{B}5", "5\u{B}", "5\0", "\05", "\u{A0}5", "5\u{FF}", "\"5\"", "00000000000000005",
            "0000000000000000000000000000000000000005", "8000000000000000", "8000000000000005",
            "FFFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFB", "10000000000000005", "fffffffffffffffff", "\r\n5",
            "5 a=b", "5\u{C};a", "\\x35", "%35", "(5)", "five", "-0", "+0", "00x", "0 0", "0x0",
        ].map { (size: String) -> RequestRow in
            .brokenOff(
                "9112 §7.1",
                "chunk size \(printable(wire(size)))",
                chunked("\(size)\r\nhello\r\n0\r\n\r\n"),
                as: head
            )
        }
        + [
            ("9112 §2.2", "bare LF behind a size", "5\nhello\r\n0\r\n\r\n"),
            ("9112 §2.2", "bare CR behind a size", "5\rhello\r\n0\r\n\r\n"),
            ("9112 §2.2", "two CR behind a size", "5\r\r\nhello\r\n0\r\n\r\n"),
            ("9112 §2.2", "LF CR behind a size", "5\n\rhello\r\n0\r\n\r\n"),
            ("9112 §2.2", "bare LF behind the last size", "5\r\nhello\r\n0\n\r\n"),
            ("9112 §2.2", "bare LF as the end", "5\r\nhello\r\n0\r\n\n"),
            ("9112 §2.2", "only bare LF at the end", "5\r\nhello\r\n0\n\n"),
            ("9112 §7.1", "bytes behind the last size", "5\r\nhello\r\n0x\r\n\r\n"),
            ("9112 §7.1", "white space behind the last size", "5\r\nhello\r\n0 \r\n\r\n"),
        ].map { (rule, name, body) -> RequestRow in .brokenOff(rule, name, chunked(body), as: head) }

    private static let badExtensions: [RequestRow] = [
        (
            "9112 §7.1.1", "an extension that is too long",
            "5;\(String(repeating: "x", count: 1030))\r\nhello\r\n"
        ),
        (
            "9112 §7.1.1", "an extension of blanks that is too long",
            "5\(String(repeating: " ", count: 1030));\r\nhello\r\n"
        ),
        ("9112 §2.2", "bare LF in an extension", "5;a\nhello\r\n0\r\n\r\n"),
        ("9112 §2.2", "bare LF at the start of an extension", "5;\nhello\r\n0\r\n\r\n"),
        ("9112 §2.2", "bare LF in a quoted extension", "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"),
        ("9112 §2.2", "bare CR in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n"),
        ("9112 §2.2", "CR LF in a quoted extension", "5;a=\"\r\n0\r\n\r\n\"\r\n"),
        ("9112 §7.1.1", "a control byte in an extension", "5;a=\u{1}\r\nhello\r\n0\r\n\r\n"),
        ("9112 §7.1.1", "NUL in an extension", "5;\0\r\nhello\r\n0\r\n\r\n"),
        ("9112 §7.1.1", "DEL in an extension", "5;\u{7F}\r\nhello\r\n0\r\n\r\n"),
        ("9112 §7.1.1", "vertical tab in front of an extension", "5\u{B};a\r\nhello\r\n0\r\n\r\n"),
        ("9112 §7.1.1", "a comma for a semicolon", "5,a=b\r\nhello\r\n0\r\n\r\n"),
    ].map { (rule, name, body) -> RequestRow in .brokenOff(rule, name, chunked(body), as: head) }

    private static let badData: [RequestRow] = [
        ("no line end behind data", "5\r\nhello0\r\n\r\n"),
        ("bare LF behind data", "5\r\nhello\n0\r\n\r\n"),
        ("bare CR behind data", "5\r\nhello\r0\r\n\r\n"),
        ("two CR behind data", "5\r\nhello\r\r\n0\r\n\r\n"),
        ("LF CR behind data", "5\r\nhello\n\r0\r\n\r\n"),
        ("more data than the size", "5\r\nhello!\r\n0\r\n\r\n"),
        ("less data than the size", "6\r\nhello\r\n0\r\n\r\n"),
        ("white space behind data", "5\r\nhello \r\n0\r\n\r\n"),
        ("NUL behind data", "5\r\nhello\0\r\n0\r\n\r\n"),
        ("an empty line behind data", "5\r\nhello\r\n\r\n0\r\n\r\n"),
    ].map { (name, body) -> RequestRow in .brokenOff("9112 §7.1", name, chunked(body), as: head) }
}
