/// What speaks another protocol, by mistake or to see what happens.
extension RequestTable {
    static let foreign: [RequestRow] =
        [
            ("9112 §3", "a TLS 1.2 ClientHello", clientHello(0x01) + "\r\n\r\n"),
            ("9112 §3", "a TLS 1.3 ClientHello", clientHello(0x03) + "\r\n\r\n"),
            ("9112 §3", "a TLS ClientHello alone", clientHello(0x01)),
            ("9112 §3", "an SSL 2.0 hello", "\u{80}.\u{1}\u{3}\u{1}\0\u{15}"),
            ("9112 §3", "SSH", "SSH-2.0-OpenSSH_9.2p1\r\n\r\n"), ("9112 §3", "SOCKS 5", "\u{5}\u{1}\0"),
            ("9112 §3", "SOCKS 4", "\u{4}\u{1}\0P\u{7F}\0\0\u{1}\0"),
            (
                "9112 §2.3", "the PROXY protocol",
                "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + lined("GET / HTTP/1.1")
            ),
            (
                "9112 §3", "the PROXY protocol, binary",
                "\r\n\r\n\0\r\nQUIT\n!\u{11}\0\u{C}\u{7F}\0\0\u{1}\u{7F}\0\0\u{1}\0\u{1}\0\u{2}"
            ),
            ("9112 §3", "SMTP", "EHLO example.test\r\n\r\n"),
            ("9112 §3", "Redis", "*1\r\n$4\r\nPING\r\n\r\n"),
            ("9112 §3", "memcached", "stats\r\n\r\n"), ("9112 §2.3", "RTSP", lined("OPTIONS * RTSP/1.0")),
            ("9112 §2.3", "SIP", lined("OPTIONS sip:a@b SIP/2.0")),
            ("9112 §3", "FastCGI", "\u{1}\u{1}\0\u{1}\0\u{8}\0\0\0\u{1}\0\0\0\0\0\0"),
            ("9112 §3", "Postgres", "\0\0\0\u{8}\u{4}\u{D2}\u{16}\u{2F}"),
            ("9112 §3", "JSON", "{\"a\":1}\r\n\r\n"),
            ("9112 §3", "HTTP/0.9", "GET /\r\n\r\n"),
            ("9112 §3", "an answer", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
            ("9112 §3", "WebSocket", "\u{81}\u{85}\u{1}\u{2}\u{3}\u{4}abcde"),
            ("9112 §3", "zeros", String(repeating: "\0", count: 64)),
        ].map { .refused($0, $1, $2) } + [
            .refused(
                "9113 §3.4",
                "the HTTP/2 preface",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0",
                505
            )
        ]

    /// A record with the beginning of a ClientHello in it.
    private static func clientHello(_ minor: UInt8) -> String {
        "\u{16}\u{3}" + String(Unicode.Scalar(minor)) + "\0\u{2F}\u{1}\0\0\u{2B}\u{3}\u{3}"
            + String(repeating: "\u{A5}", count: 32) + "\0\0\u{2}\u{13}\u{1}\u{1}\0"
    }
}
