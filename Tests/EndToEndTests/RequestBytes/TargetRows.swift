/// The four forms of a target, and what is none.
extension RequestTable {
    static let targets = paths + absoluteTargets + badPaths + badForms

    /// Paths and queries, of which no byte is touched.
    private static let paths: [RequestRow] = [
        "/", "/?", "/a?b=c&d", "//", "//evil.test/x", "//double//slash", "/a/./b/../c", "/../../etc/passwd",
        "/;p=1,2",
        "/%C3%A9", "/a%2Fb", "/%00", "/%0d%0aX:%20y", "/%zz", "/%", "/a?b?c=/d", "/'()*!$&+=:@~-._",
        "/\\..\\x",
        "/a\"b", "/<b>", "/{a}|^`", "/[1]", "/http://evil.test/", "/a:80", "/*", "/@evil.test",
        "/?http://evil.test",
        "/" + String(repeating: "a", count: 16_383),
    ].map { (target: String) -> RequestRow in
        .passes(
            "9112 §3.2.1",
            "target \(target.prefix(60))",
            requestText("GET", target),
            as: SeenRequest("GET \(target)")
        )
    }

    /// The target decides where a request goes, whatever `Host` says.
    private static let absoluteTargets: [RequestRow] =
        [
            ("http://a.test/x?y", "/x?y", "a.test"), ("http://a.test", "/", "a.test"),
            ("http://a.test?y", "/?y", "a.test"),
            ("HTTP://a.test/", "/", "a.test"), ("hTtP://A.Test/", "/", "A.Test"),
            ("http://a.test:8080/", "/", "a.test:8080"),
            ("http://a.test:/", "/", "a.test:"), ("http://[2001:db8::1]:80/", "/", "[2001:db8::1]:80"),
            ("http://10.0.0.1/", "/", "10.0.0.1"), ("http://a.test//evil.test", "//evil.test", "a.test"),
            ("http://a.test/http://b.test/", "/http://b.test/", "a.test"),
            ("http://a.test/@b.test", "/@b.test", "a.test"),
            ("http://a.test?@b.test", "/?@b.test", "a.test"), ("http://a.test/\\b", "/\\b", "a.test"),
            ("http://example.test/", "/", "example.test"),
        ].map { (target: String, path: String, host: String) -> RequestRow in
            .passes(
                "9112 §3.2.2",
                "absolute target \(target)",
                requestText("GET", target),
                as: SeenRequest("GET \(path)", ["Host: \(host)"], for: host)
            )
        } + [
            .passes(
                "9112 §3.2.2",
                "an absolute target and a Host that Connection names",
                requestText("GET", "http://a.test/", ["Connection: Host"]),
                as: SeenRequest("GET /", ["Host: a.test"], for: "a.test")
            ),
            .passes(
                "9112 §3.2.4",
                "OPTIONS of a whole server by its authority",
                requestText("OPTIONS", "http://a.test"),
                as: SeenRequest("OPTIONS *", ["Host: a.test"], for: "a.test")
            ),
            .passes(
                "9112 §3.2.4",
                "OPTIONS of a path by its authority",
                requestText("OPTIONS", "http://a.test/"),
                as: SeenRequest("OPTIONS /", ["Host: a.test"], for: "a.test")
            ),
            .passes(
                "9112 §3.2.4",
                "OPTIONS of the whole server",
                requestText("OPTIONS", "*"),
                as: SeenRequest("OPTIONS *")
            ),
        ]

    private static let badPaths: [RequestRow] =
        [
            "/#", "/a#b", "/?a#b", "#", "/\u{E9}", "/\u{C3}\u{A9}", "/\u{80}", "/\u{FF}", "/a\0b", "/\0",
            "/a\u{1}b",
            "/a\u{7F}b", "/a\u{B}b", "/a\tb", "/a\rb", "/a\nb", "/a\r\nX: y", "/\u{A0}",
        ].map { .refused("9112 §3.2", "target \(printable(wire($0)))", requestText("GET", $0)) } + [
            .refused(
                "9110 §15.5.15",
                "a target over 16 KiB",
                requestText("GET", "/" + String(repeating: "a", count: 16_384)),
                414
            ),
            .refused(
                "9110 §15.5.15",
                "a target that never ends",
                "GET /" + String(repeating: "a", count: 20_000),
                414
            ),
            .refused(
                "9110 §15.5.15",
                "an absolute target over 16 KiB",
                requestText("GET", "http://a.test/" + String(repeating: "a", count: 16_384)),
                414
            ),
        ]

    private static let badForms: [RequestRow] =
        [
            "nothing", "?a", "a/b", "./a", "../a", "\\", "\\a", "*/", "**", "*a", "%2F", "example.test:80",
            "example.test",
            "[::1]:80", ":80", "@", "http:", "http:/", "http://", "http:///x", "http://?a", "http://:80/",
            "http:a",
            "http:/a", "http:\\\\a\\", "http//a/", "http://u@a.test/", "http://u:p@a.test/",
            "http://@a.test/",
            "http://a.test:b/", "http://a.test:65536/", "http://a.test:-1/", "http://a.test:80:80/",
            "http://a.test:0x50/",
            "http://a.test:080000/", "http://a.test,b.test/", "http://a test/", "http://a.test\\b/",
            "http://a.test\\@b.test/",
            "http://a.test#b", "http://[::1/", "http://[::1]80/", "http://[::1]x/", "http://[]/",
            "http://[a.test]/",
            "http://[1:2]/", "http://[::1%25eth0]/", "http://[1::2::3]/", "http://::1/", "http://a%zz/",
            "http://a%/",
            "http://a\"b/", "http://<a>/", "http://a|b/", "http://{a}/", "http://a\0b/", "https://a.test/",
            "HTTPS://a.test/",
            "ftp://a.test/", "ws://a.test/", "file:///etc/passwd", "javascript:alert(1)", "mailto:a@b",
            "urn:a",
            "//http://a.test/ x", "xhttp://a.test/",
        ].map { .refused("9112 §3.2", "target \(printable(wire($0)))", requestText("GET", $0)) }
        + [
            .refused("9112 §3.2.4", "GET of the whole server", requestText("GET", "*")),
            .refused(
                "9112 §3.2.4",
                "POST to the whole server",
                requestText("POST", "*", ["Content-Length: 0"])
            ),
            .refused("9112 §3.2.4", "options of the whole server in lower case", requestText("options", "*")),
            .refused("9112 §3.2.4", "HEAD of the whole server", requestText("HEAD", "*")),
        ]
        + ["example.test:443", "/", "*", "http://a.test/", "example.test", "u@example.test:443"].map {
            target in
            .refused("9112 §3.2.3", "CONNECT \(target)", requestText("CONNECT", target), 405)
        }
        + [
            .refused("9112 §3.2", "CONNECT without a Host", "CONNECT a.test:443 HTTP/1.1\r\n\r\n"),
            .refused("9112 §3.2", "an absolute target without a Host", "GET http://a.test/ HTTP/1.1\r\n\r\n"),
            .refused(
                "9112 §3.2",
                "an absolute target with a bad Host",
                "GET http://a.test/ HTTP/1.1\r\nHost: a b\r\n\r\n"
            ),
            .refused(
                "9110 §9.3.6",
                "CONNECT in chunks",
                requestText("CONNECT", "a.test:443", ["Transfer-Encoding: chunked"], body: "0\r\n\r\n"),
                405
            ),
        ]
}
