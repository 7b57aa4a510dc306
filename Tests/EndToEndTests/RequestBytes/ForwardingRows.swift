/// What a client says about itself, and `Max-Forwards`.
extension RequestTable {
    static let forwarding = lies + kept + identifiers + hopCounts

    /// In every spelling that an application could take for the field that the balancer writes.
    private static let lies: [RequestRow] =
        [
            "X-Forwarded-For: 192.0.2.1", "x-forwarded-for: 192.0.2.1", "X-FORWARDED-FOR:192.0.2.1",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Host: evil.test", "X-Forwarded-Port: 1", "X-Forwarded-Prefix: /evil",
            "X-Forwarded-Server: evil",
            "X-Forwarded-Ssl: on", "X-Forwarded-Client-Cert: x", "X-Forwarded-: x",
            "Forwarded: for=192.0.2.1",
            "X-Real-IP: 192.0.2.1", "X_Forwarded_For: 192.0.2.1", "X-Forwarded_For: 192.0.2.1",
            "x_forwarded_proto: https",
            "X_FORWARDED-HOST: evil.test", "X_Real_IP: 192.0.2.1", "X_Real-IP: 192.0.2.1",
            "X.Forwarded.For: 192.0.2.1",
            "X.Forwarded-For: 192.0.2.1", "X+Forwarded~For: 192.0.2.1", "x.real.ip: 192.0.2.1",
        ].map { (line: String) -> RequestRow in
            .passes(
                "9110 §7.6",
                "\(line) is not believed",
                get(line, "X-A: 1"),
                as: SeenRequest("GET /", ["Host: example.test", "X-A: 1"])
            )
        } + [
            .passes(
                "9110 §7.6",
                "a claim that Connection names, in front of other fields that it names",
                get("Connection: X-A", "X_Forwarded_For: 192.0.2.1", "X-A: 1", "X-Forwarded-For: 192.0.2.1"),
                as: SeenRequest("GET /")
            )
        ]

    private static let kept: [RequestRow] = [
        "Via: 1.0 fred", "X-Forward: 1", "XX-Forwarded-For: 1", "X-Forwarded: 1", "Forwarded-For: 1",
        "X-Real-IPs: 1",
        "X1Forwarded1For: 1", "User_Agent: x", "Upgrade-Insecure-Requests: 1", "HTTP2-Settings: AAMAAABk",
        "X-HTTP-Method-Override: DELETE", "Proxy-Status: x", "X-Proxy: 1",
    ].map { (line: String) -> RequestRow in
        .passes(
            "9110 §5.1",
            "\(line) passes",
            get(line),
            as: SeenRequest("GET /", ["Host: example.test", line])
        )
    }

    /// An id is kept if it is one, given once, and cannot be taken for anything else.
    private static let identifiers: [RequestRow] =
        ["a", "7f3a-1.2_3:4/5", String(repeating: "x", count: 128)].map { (id: String) -> RequestRow in
            .passes(
                "9110 §5.1",
                "X-Request-Id: \(id)",
                get("x-request-id: \(id)"),
                as: SeenRequest("GET /", id: id)
            )
        }
        + [
            "X-Request-Id:", "X-Request-Id: a b", "X-Request-Id: a,b", "X-Request-Id: \"a\"",
            "X-Request-Id: <a>",
            "X-Request-Id: \u{E9}", "X-Request-Id: " + String(repeating: "x", count: 129),
            "X-Request-Id: a\r\nX-Request-Id: b", "X-Request-Id: a\r\nX_Request_Id: b",
            "X-Request-Id: a\r\nX.Request.Id: a",
        ].map { (line: String) -> RequestRow in
            .passes("9110 §5.1", "\(printable(wire(line))) is replaced", get(line), as: SeenRequest("GET /"))
        }

    private static let hopCounts: [RequestRow] =
        [
            ("TRACE", "5", "4"), ("OPTIONS", "1", "0"), ("OPTIONS", "007", "6"),
            ("TRACE", "999999999", "999999998"),
            ("TRACE", "4294967296", "999999998"), ("TRACE", "99999999999999999999999999", "999999998"),
            ("TRACE", "0000000000005", "4"), ("GET", "0", "0"), ("POST", "x", "x"), ("trace", "0", "0"),
        ].map { (method: String, sent: String, seen: String) -> RequestRow in
            .passes(
                "9110 §7.6.2",
                "\(method) with Max-Forwards: \(sent)",
                requestText(method, "/", ["Max-Forwards: \(sent)"]),
                as: SeenRequest("\(method) /", ["Host: example.test", "Max-Forwards: \(seen)"])
            )
        }
        + [("TRACE", "0"), ("OPTIONS", "0"), ("OPTIONS", "000"), ("TRACE", "000000000000000")].map {
            method,
            count in
            .answered(
                "9110 §7.6.2",
                "\(method) with Max-Forwards: \(count)",
                requestText(method, "/", ["Max-Forwards: \(count)"]),
                [200],
                isKept: true
            )
        }
        + [
            "", "-1", "+1", "1.0", "0x1", "1 2", "1,2", "x", "\u{E9}", "1\r\nMax-Forwards: 1",
            "0\r\nMax-Forwards: 5", "5\r\nmax-forwards: 0",
        ]
        .flatMap { value in
            ["TRACE", "OPTIONS"].map { (method: String) -> RequestRow in
                .refused(
                    "9110 §7.6.2",
                    "\(method) with Max-Forwards: \(printable(wire(value)))",
                    requestText(method, "/", ["Max-Forwards: \(value)"])
                )
            }
        }
}
