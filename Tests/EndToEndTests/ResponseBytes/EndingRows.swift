import Testing

/// Connections that end before there is a head.
extension ResponseRow {
    /// An end of each kind at each place, to a request that may be repeated and to one that may not.
    static let endings: [ResponseRow] =
        [
            ("without a byte", ""), ("behind a byte", "H"), ("in the version", "HTTP/1"),
            ("in the status", "HTTP/1.1 20"), ("in the status line", "HTTP/1.1 200 OK"),
            ("behind the status line", "HTTP/1.1 200 OK\r\n"), ("in a name", "HTTP/1.1 200 OK\r\nContent-Le"),
            ("in a value", "HTTP/1.1 200 OK\r\nContent-Length: 2"),
            ("behind a field", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"),
            ("in the empty line", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r"),
        ].flatMap { name, sent in
            [("an end", OriginStep.close), ("half an end", .halfClose), ("a reset", .reset)].flatMap {
                end,
                step in
                [Ask.get, .post].map { ask in
                    ResponseRow(
                        "\(end) \(name), \(ask.method)",
                        "RFC 9110 §15.6.3, RFC 9112 §8",
                        asked: ask,
                        sent.isEmpty ? [step] : [.send(sent), step],
                        .badGateway
                    )
                }
            }
        } + [
            ResponseRow(
                "an end without a byte, to an HTTP/1.0 client",
                "RFC 9110 §15.6.3",
                asked: .old,
                [.close],
                .badGateway
            ),
            ResponseRow(
                "an end without a byte, HEAD",
                "RFC 9110 §15.6.3",
                asked: .head,
                [.close],
                .badGateway
            ),
        ]
}
