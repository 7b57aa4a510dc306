/// A request with this line in front of a `Host`.
func lined(_ line: String) -> String { "\(line)\r\nHost: example.test\r\n\r\n" }

/// Methods, versions and what is between them; the targets have a file of their own.
extension RequestTable {
    static let requestLines = methods + versions + emptyLines + badLines

    private static let methods: [RequestRow] =
        [
            "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE", "PROPFIND", "M-SEARCH",
            "get", "Get",
            "GETX", "A", "1", "x!#$%&'*+-.^_`|~1", "PRI", "connect",
        ].map { (method: String) -> RequestRow in
            .passes(
                "9110 §9.1",
                "method \(method)",
                requestText(method, "/thing"),
                as: SeenRequest("\(method) /thing")
            )
        } + [
            .passes(
                "9110 §9.3.2",
                "method HEAD",
                requestText("HEAD", "/thing"),
                as: SeenRequest("HEAD /thing")
            )
        ]

    private static let versions: [RequestRow] =
        [
            .passes("9110 §2.5", "HTTP/1.2", lined("GET / HTTP/1.2"), as: SeenRequest("GET /")),
            .passes("9110 §2.5", "HTTP/1.9", lined("GET / HTTP/1.9"), as: SeenRequest("GET /")),
            .passes(
                "9112 §9.3",
                "HTTP/1.0",
                lined("GET / HTTP/1.0"),
                as: SeenRequest("GET /", via: "1.0"),
                isKept: false
            ),
            .passes(
                "9112 §C.2.2",
                "HTTP/1.0 with keep-alive",
                "GET / HTTP/1.0\r\nHost: example.test\r\nConnection: keep-alive\r\n\r\n",
                as: SeenRequest("GET /", via: "1.0")
            ),
            .passes(
                "9112 §3.2",
                "HTTP/1.0 without a Host",
                "GET / HTTP/1.0\r\n\r\n",
                as: SeenRequest("GET /", ["Host: \(SeenRequest.localAuthority)"], for: nil, via: "1.0"),
                isKept: false
            ),
            .passes(
                "9112 §3.2.2",
                "HTTP/1.0 without a Host but in the target",
                "GET http://a.test/x HTTP/1.0\r\n\r\n",
                as: SeenRequest("GET /x", ["Host: a.test"], for: "a.test", via: "1.0"),
                isKept: false
            ),
            .passes(
                "9112 §6.3",
                "HTTP/1.0 with a body and no length",
                "POST / HTTP/1.0\r\nHost: example.test\r\n\r\nGET /evil HTTP/1.0\r\n\r\n",
                as: SeenRequest("POST /", via: "1.0"),
                isKept: false
            ),
        ]
        + [
            "0.9", "2.0", "3.0", "9.9", "2.1", "0.0",
        ].map { .refused("9110 §15.6.6", "HTTP/\($0)", lined("GET / HTTP/\($0)"), 505) }
        + [
            "http/1.1", "Http/1.1", "hTTP/1.1", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/11", "HTTP/1.10",
            "HTTP/1.300",
            "HTTP/01.1", "HTTP/1.01", "HTTP/+1.1", "HTTP/-1.1", "HTTP/1.-1", "HTTP/1,1", "HTTP/1.1.1",
            "HTTP/1.x",
            "HTTP/a.b", "HTTP/1.1x", "HTTP/1.1 ", "HTTP/1.1\t", "HTTP/1.1 x", "HTTP/1.1\0", "HTTP/1.1\u{B}",
            "HTTP/ 1.1", "HTTP /1.1", "HTTP/1 .1", "HTTP/\t1.1", "HTTP1.1", "HTTP 1.1", "HPPT/1.1",
            "HTTPS/1.1",
            "ICY/1.1", "SIP/2.0", "RTSP/1.0", "\"HTTP/1.1\"", "\u{FF}HTTP/1.1", "HTTP/\u{B1}.1", "HTTP//1.1",
            "/1.1",
        ].map { .refused("9112 §2.3", "version \(printable(wire($0)))", lined("GET / \($0)")) }

    private static let emptyLines: [RequestRow] = [
        .passes(
            "9112 §3",
            "as short as a request can be",
            "X / HTTP/1.0\r\n\r\n",
            as: SeenRequest("X /", ["Host: \(SeenRequest.localAuthority)"], for: nil, via: "1.0"),
            isKept: false
        ),
        .passes(
            "9112 §2.2",
            "an empty line in front",
            "\r\n" + lined("GET / HTTP/1.1"),
            as: SeenRequest("GET /")
        ),
        .refused("9112 §2.2", "two empty lines in front", "\r\n\r\n" + lined("GET / HTTP/1.1")),
        .refused("9112 §2.2", "bare LF in front", "\n" + lined("GET / HTTP/1.1")),
        .refused("9112 §2.2", "bare CR in front", "\r" + lined("GET / HTTP/1.1")),
        .refused("9112 §2.2", "CR CR LF in front", "\r\r\n" + lined("GET / HTTP/1.1")),
        .refused("9112 §2.2", "a line of blanks in front", " \r\n" + lined("GET / HTTP/1.1")),
        .refused("9112 §2.2", "an empty line and a bare LF in front", "\r\n\n" + lined("GET / HTTP/1.1")),
        .refused("9112 §2.2", "NUL in front", "\0" + lined("GET / HTTP/1.1")),
        .refused("9112 §2.2", "a byte order mark in front", "\u{EF}\u{BB}\u{BF}" + lined("GET / HTTP/1.1")),
    ]

    private static let badLines: [RequestRow] = [
        "GET  / HTTP/1.1", "GET /  HTTP/1.1", " GET / HTTP/1.1", "\tGET / HTTP/1.1", "GET\t/\tHTTP/1.1",
        "GET\t/ HTTP/1.1", "GET /\tHTTP/1.1", "GET \t/ HTTP/1.1", "GET\u{B}/ HTTP/1.1", "GET\u{C}/ HTTP/1.1",
        "GET\u{A0}/ HTTP/1.1", "GET\0/ HTTP/1.1", "GET / HTTP/1.1\rX: y", "GET / HTTP/1.1\r",
        "GET\r / HTTP/1.1",
        "GET /\r HTTP/1.1", "GET /", "GET / ", "GET", "GET ", "/", " / HTTP/1.1", "/ HTTP/1.1", "HTTP/1.1",
        "GET HTTP/1.1", "GET  HTTP/1.1", "GET/ HTTP/1.1", "GET/HTTP/1.1", "GET /a b HTTP/1.1",
        "GET / x HTTP/1.1",
        "G@T / HTTP/1.1", "G(T / HTTP/1.1", "G:T / HTTP/1.1", "GET: / HTTP/1.1", "G/T / HTTP/1.1",
        "\"GET\" / HTTP/1.1",
        "G\u{C9}T / HTTP/1.1", "G\u{7F}T / HTTP/1.1", "G\u{1}T / HTTP/1.1", "[GET] / HTTP/1.1",
        "GET,POST / HTTP/1.1",
        "HTTP/1.1 200 OK", "Host: example.test", "{}", "GET\r\n/ HTTP/1.1",
        "GET / HTTP/1.1 GET /evil HTTP/1.1",
    ].map { .refused("9112 §3", "request line \(printable(wire($0)))", lined($0)) }
}
