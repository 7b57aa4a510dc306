/// Field lines, whatever their names mean.
extension RequestTable {
    static let fieldLines = goodFields + badFields + badLineEnds + headSizes

    private static let goodFields: [RequestRow] =
        [
            (
                "9110 §5.6.2", "every token character in a name", "x!#$%&'*+-.^_`|~1: 1",
                "x!#$%&'*+-.^_`|~1: 1"
            ),
            ("9110 §5.3", "order, case and repetition", "b: 1\r\nA: 2\r\nB: 3", "b: 1\r\nA: 2\r\nB: 3"),
            ("9110 §5.5", "an empty value", "X-A:", "X-A: "),
            ("9110 §5.5", "a value of blanks", "X-A: \t ", "X-A: "),
            ("9110 §5.5", "obs-text in a value", "X-A: \u{80}\u{E9}\u{FF}", "X-A: \u{80}\u{E9}\u{FF}"),
            ("9110 §5.6.3", "blanks around a value", "X-A:\t a \t", "X-A: a"),
            ("9110 §5.6.3", "blanks in a value", "X-A: a \t b", "X-A: a \t b"),
            ("9112 §5", "no blank before a value", "X-A:a", "X-A: a"),
            ("9112 §5", "colons in a value", "X-A: :a:b:", "X-A: :a:b:"),
            (
                "9110 §5.5", "every visible character in a value",
                "X-A: !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~",
                "X-A: !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~"
            ),
            ("9112 §11.1", "an underscore in a name", "X_User_Id: 1", "X_User_Id: 1"),
            ("9110 §5.1", "a name that begins with a digit", "1st: 1", "1st: 1"),
            ("9110 §5.3", "two cookies", "Cookie: a=1\r\nCookie: b=2", "Cookie: a=1\r\nCookie: b=2"),
        ].map { (rule, name, lines, seen) -> RequestRow in
            .passes(
                rule,
                name,
                requestText("GET", "/", [lines]),
                as: SeenRequest("GET /", ["Host: example.test"] + [seen])
            )
        }

    private static let badFields: [RequestRow] = [
        ("9112 §5.1", "X-A : 1"), ("9112 §5.1", "X-A\t: 1"), ("9112 §5.1", "Host : evil.test"),
        ("9112 §5", ": 1"), ("9112 §5", ":"), ("9112 §5", "no colon"), ("9112 §5", "X-A"),
        ("9112 §5", "X-A;1"),
        ("9112 §5", "GET /evil HTTP/1.1"), ("9110 §5.1", "X A: 1"), ("9110 §5.1", "X@A: 1"),
        ("9110 §5.1", "X-(A): 1"), ("9110 §5.1", "\"X-A\": 1"), ("9110 §5.1", "X/A: 1"),
        ("9110 §5.1", "X[0]: 1"),
        ("9110 §5.1", "{X}: 1"), ("9110 §5.1", "X=A: 1"), ("9110 §5.1", "X,A: 1"), ("9110 §5.1", "X\\A: 1"),
        ("9110 §5.1", "<X>: 1"), ("9110 §5.1", "X?: 1"), ("9110 §5.1", "X\u{E9}: 1"),
        ("9110 §5.1", "X\u{A0}: 1"),
        ("9110 §5.1", "\u{EF}\u{BB}\u{BF}X-A: 1"), ("9110 §5.1", "X\0A: 1"), ("9110 §5.1", "X\u{7F}: 1"),
        ("9110 §5.1", "\u{B}X-A: 1"), ("9110 §5.1", "X\u{1}A: 1"), ("9110 §5.1", "\0"),
        ("9110 §5.1", "\0\r\n\r\n"),
        ("9112 §5.2", "X-A: 1\r\n folded"), ("9112 §5.2", "X-A: 1\r\n\tfolded"),
        ("9112 §5.2", "X-A: 1\r\n \t "),
        ("9112 §5.2", "X-A:\r\n 1"), ("9112 §5.2", "X-A: 1\r\n X-B: 2"), ("9110 §5.5", "X-A: a\0b"),
        ("9110 §5.5", "X-A: \0"), ("9110 §5.5", "X-A:\0"), ("9110 §5.5", "X-A: a\u{1}b"),
        ("9110 §5.5", "X-A: a\u{8}b"), ("9110 §5.5", "X-A: a\u{B}b"), ("9110 §5.5", "X-A: \u{C}"),
        ("9110 §5.5", "X-A: \u{1B}[2J"), ("9110 §5.5", "X-A: a\u{1F}b"), ("9110 §5.5", "X-A: a\u{7F}b"),
    ].map { (rule, line) -> RequestRow in
        .refused(rule, "field line \(printable(wire(line)))", requestText("GET", "/", [line]))
    }

    /// Lines that end otherwise than by CR LF.
    private static let badLineEnds: [RequestRow] =
        [
            "X-A: a\rb", "X-A: a\nX-B: b", "X-A: a\r\r\nX-B: b", "X-A: a\n\rX-B: b", "X-A: a\n", "X-A: a\r",
            "\rX-A: a", "\nX-A: a", "X\rA: a", "X\nA: a", "X-A:\ra", "X-A:\na", "X-A: \n a",
            "X-A: a\n\nGET /evil HTTP/1.1",
            "X-A: a\u{85}X-B: b\r", "X-A: a\r\n\r",
        ].map { (line: String) -> RequestRow in
            .refused("9112 §2.2", "line end \(printable(wire(line)))", requestText("GET", "/", [line]))
        }
        + [
            ("9112 §2.2", "bare LF everywhere", "GET / HTTP/1.1\nHost: example.test\n\n"),
            ("9112 §2.2", "bare CR everywhere", "GET / HTTP/1.1\rHost: example.test\r\r\n\r\n"),
            ("9112 §2.2", "bare LF behind the request line", "GET / HTTP/1.1\nHost: example.test\r\n\r\n"),
            ("9112 §2.2", "bare LF as the last line end", "GET / HTTP/1.1\r\nHost: example.test\r\n\n"),
            ("9112 §2.2", "bare LF as both last line ends", "GET / HTTP/1.1\r\nHost: example.test\n\n"),
            ("9112 §2.2", "LF CR LF as the last line ends", "GET / HTTP/1.1\r\nHost: example.test\n\r\n\r\n"),
            (
                "9112 §2.2", "CR CR LF as the last line end",
                "GET / HTTP/1.1\r\nHost: example.test\r\n\r\r\n\r\n"
            ),
            (
                "9112 §2.2", "white space before the first field",
                "GET / HTTP/1.1\r\n Host: example.test\r\n\r\n"
            ),
            (
                "9112 §2.2", "a line of blanks before the first field",
                "GET / HTTP/1.1\r\n \r\nHost: example.test\r\n\r\n"
            ),
            (
                "9112 §2.2", "a tab before the first field",
                "GET / HTTP/1.1\r\n\tX: 1\r\nHost: example.test\r\n\r\n"
            ),
        ].map { .refused($0, $1, $2) }

    /// Heads at and above the limits.
    private static let headSizes: [RequestRow] = [
        .passes(
            "9110 §5.4",
            "100 fields",
            requestText("GET", "/", (1...99).map { "X-\($0): 1" }),
            as: SeenRequest("GET /", ["Host: example.test"] + (1...99).map { "X-\($0): 1" })
        ),
        .refused("6585 §5", "101 fields", requestText("GET", "/", (1...100).map { "X-\($0): 1" }), 431),
        .refused(
            "6585 §5",
            "a thousand empty fields",
            requestText("GET", "/", (1...1000).map { _ in "X:" }),
            431
        ),
        .passes(
            "9110 §5.4",
            "a field of 60 KiB",
            requestText("GET", "/", ["X-A: " + String(repeating: "a", count: 61_440)]),
            as: SeenRequest("GET /", ["Host: example.test", "X-A: " + String(repeating: "a", count: 61_440)])
        ),
        .refused(
            "6585 §5",
            "a field of 64 KiB",
            requestText("GET", "/", ["X-A: " + String(repeating: "a", count: 65_536)]),
            431
        ),
        .refused(
            "6585 §5",
            "a name of 64 KiB",
            requestText("GET", "/", [String(repeating: "a", count: 65_536) + ": 1"]),
            431
        ),
        .refused(
            "6585 §5",
            "a head that never ends",
            "GET / HTTP/1.1\r\nHost: example.test\r\nX-A: " + String(repeating: "a", count: 70_000),
            431
        ),
        .refused("6585 §5", "a method that never ends", String(repeating: "A", count: 70_000), 431),
        .refused(
            "6585 §5",
            "a head of a mebibyte",
            requestText("GET", "/", (1...90).map { "X-\($0): " + String(repeating: "a", count: 11_650) }),
            431
        ),
    ]
}
