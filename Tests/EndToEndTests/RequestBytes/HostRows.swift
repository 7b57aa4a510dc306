/// A GET with these lines and no other `Host`.
private func addressed(_ lines: String...) -> String {
    (["GET / HTTP/1.1"] + lines + ["", ""]).joined(separator: "\r\n")
}

/// `Host`, which says for whom a request is.
extension RequestTable {
    static let hosts = goodHosts + badHosts

    private static let goodHosts: [RequestRow] =
        [
            "a", "a.test", "A.Test", "a.test.", "a.test:80", "a.test:", "a.test:0", "a.test:65535",
            "a.test:00080",
            "10.0.0.1", "10.0.0.1:8080", "xn--bcher-kva.test", "a_b.test", "-a.test", "a%20b", "!$&'()*+;=~",
            "[::]",
            "[::1]", "[::1]:", "[::1]:8080", "[1:2:3:4:5:6:7:8]", "[1::8]", "[1:2:3:4:5:6::8]",
            "[1:2:3:4:5:6:7::]",
            "[::2:3:4:5:6:7:8]", "[2001:DB8::a]", "[::ffff:10.0.0.1]", "[1:2:3:4:5:6:10.0.0.1]",
        ].map { (host: String) -> RequestRow in
            .passes(
                "9110 §7.2",
                "Host: \(host)",
                addressed("Host: \(host)"),
                as: SeenRequest("GET /", ["Host: \(host)"], for: host)
            )
        }
        + [
            .passes(
                "9112 §5.1",
                "a Host in odd case with blanks around",
                addressed("hOST:\t a.test \t"),
                as: SeenRequest("GET /", ["hOST: a.test"], for: "a.test")
            ),
            .passes(
                "9110 §7.2",
                "a Host behind other fields",
                addressed("X-A: 1", "Host: a.test", "X-B: 2"),
                as: SeenRequest("GET /", ["X-A: 1", "Host: a.test", "X-B: 2"], for: "a.test")
            ),
        ]

    private static let badHosts: [RequestRow] =
        [
            "", " ", "a b", "a\tb", "a,b", "a.test, b.test", "a.test,", "user@a.test", "user:pw@a.test",
            "@a.test",
            "a.test/", "a.test/path", "/a.test", "a.test?x", "a.test#x", "a.test\\b", "a.test\\@b.test",
            "http://a.test",
            "//a.test", ":80", ":", "a.test:port", "a.test:-1", "a.test:+80", "a.test: 80", "a.test :80",
            "a.test:80x",
            "a.test:0x50", "a.test:65536", "a.test:99999", "a.test:000080", "a.test:80:80", "a.test::80",
            "::1", "1:2:3",
            "[::1", "::1]", "[]", "[a.test]", "[1.2.3.4]", "[g::1]", "[::1]a", "[::1]80", "[::1].80",
            "[::1]]", "[[::1]]",
            "[::1%25eth0]", "[fe80::1%eth0]", "[v1.a]", "[1:2:3]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]",
            "[:::]",
            "[1::2::3]", "[:1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:]", "[12345::1]", "[::1.2.3]", "[::1.2.3.256]",
            "[::01.2.3.4]",
            "[1.2.3.4::]", "[1:2:3:4:5:6:7:1.2.3.4]", "[::1.]", "[1:2:3:4:5:6:7:8::]", "a%", "a%2", "a%zz",
            "a%2gb",
            "<a>", "a>b", "\"a\"", "a|b", "{a}", "a^b", "a`b", "a[b]", "\u{E9}.test", "a\0.test", "a\u{7F}",
            "a\u{B}b",
            "a.test\r\n b.test", "*/x",
        ].map { .refused("9112 §3.2", "Host: \(printable(wire($0)))", addressed("Host: \($0)")) }
        + [
            .refused("9112 §3.2", "no Host", addressed()),
            .refused("9112 §3.2", "no Host in a later minor version", "GET / HTTP/1.2\r\n\r\n"),
            .refused("9112 §3.2", "a Host by another name", addressed("X-Host: a.test", "Hosts: a.test")),
            .refused("9112 §3.2", "two Hosts", addressed("Host: a.test", "Host: b.test")),
            .refused("9112 §3.2", "two equal Hosts", addressed("Host: a.test", "host: a.test")),
            .refused("9112 §3.2", "two Hosts, apart", addressed("Host: a.test", "X-A: 1", "Host: a.test")),
            .refused("9112 §3.2", "two Hosts, the second empty", addressed("Host: a.test", "Host:")),
            .refused("9112 §3.2", "two Hosts, the first empty", addressed("Host:", "Host: a.test")),
            .refused("9112 §3.2", "two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"),
            .refused("9112 §3.2", "an empty Host in HTTP/1.0", "GET / HTTP/1.0\r\nHost:\r\n\r\n"),
            .refused(
                "9112 §3.2",
                "two Hosts and an absolute target",
                "GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\nHost: a.test\r\n\r\n"
            ),
            .refused("9112 §5.1", "white space behind the name of Host", addressed("Host : a.test")),
            .refused("9112 §5.2", "a folded Host", addressed("Host:\r\n a.test")),
            .refused(
                "9112 §5.2",
                "a Host in the fold of another field",
                addressed("X-A: 1\r\n Host: a.test")
            ),
        ]
}
