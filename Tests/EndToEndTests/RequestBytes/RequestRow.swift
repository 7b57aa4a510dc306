import Testing

/// One raw input and everything that must come of it.
///
/// Texts stand for bytes: each character below U+0100 is one byte.
struct RequestRow: Sendable, CustomTestStringConvertible {
    /// What kind of input it is.
    let name: String
    /// The section that says what to do with it.
    let rule: String
    /// What the client sends.
    let bytes: [UInt8]
    /// The statuses that the client gets, in order.
    let statuses: [Int]
    /// The requests that the origin sees, in order.
    let seen: [SeenRequest]
    /// The client may go on with another request; otherwise the connection ends behind the last answer.
    let isKept: Bool
    /// The head of a request whose body turns out malformed: the origin may see its beginning, never its end.
    let brokenOff: SeenRequest?

    var testDescription: String { "RFC \(rule): \(name)" }

    /// Whether it is worth sending byte by byte; a large head is nothing new in pieces.
    var isShort: Bool { bytes.count <= 1024 }

    private init(
        _ rule: String,
        _ name: String,
        _ text: String,
        _ statuses: [Int],
        _ seen: [SeenRequest],
        isKept: Bool,
        brokenOff: SeenRequest? = nil
    ) {
        self.name = name
        self.rule = rule
        bytes = wire(text)
        self.statuses = statuses
        self.seen = seen
        self.isKept = isKept
        self.brokenOff = brokenOff
    }

    /// A request that is refused on its head, so that the origin hears nothing of it.
    static func refused(_ rule: String, _ name: String, _ text: String, _ status: Int = 400) -> RequestRow {
        RequestRow(rule, name, text, [status], [], isKept: false)
    }

    /// A request that is refused for its body, so that the origin never has it whole.
    static func brokenOff(
        _ rule: String,
        _ name: String,
        _ text: String,
        _ status: Int = 400,
        as head: SeenRequest
    ) -> RequestRow {
        RequestRow(rule, name, text, [status], [], isKept: false, brokenOff: head)
    }

    /// Requests that the origin sees, and answers with 200.
    static func passes(
        _ rule: String,
        _ name: String,
        _ text: String,
        as seen: SeenRequest...,
        isKept: Bool = true
    ) -> RequestRow {
        passes(rule, name, text, as: seen, isKept: isKept)
    }

    /// The same with any number of requests.
    static func passes(
        _ rule: String,
        _ name: String,
        _ text: String,
        as seen: [SeenRequest],
        isKept: Bool = true
    ) -> RequestRow {
        RequestRow(rule, name, text, seen.map { _ in 200 }, seen, isKept: isKept)
    }

    /// Requests of which the last ones end at the balancer.
    static func answered(
        _ rule: String,
        _ name: String,
        _ text: String,
        _ statuses: [Int],
        as seen: SeenRequest...,
        isKept: Bool
    ) -> RequestRow {
        RequestRow(rule, name, text, statuses, seen, isKept: isKept)
    }
}

/// A request as the origin must see it, byte for byte.
struct SeenRequest: Sendable {
    /// Stands for the address that the client connected to.
    static let localAuthority = "LOCAL"
    /// Stands for an id that the balancer made: 32 hexadecimal digits.
    static let madeID = "ID"

    /// The request line, the fields and the empty line.
    let head: String
    /// The body without its framing.
    let body: String
    /// What follows the head on the wire.
    let wireBody: String
    /// The field lines behind a chunked body.
    let trailers: [String]

    /// A request, from its parts.
    ///
    /// - Parameters:
    ///   - line: The request line without the version.
    ///   - fields: The field lines that passed.
    ///   - host: What `X-Forwarded-Host` says; `nil` when the client named no host.
    ///   - via: The client's version.
    ///   - id: The client's own id.
    ///   - upgrade: The protocols that are offered.
    ///   - length: What `Content-Length` says.
    ///   - body: The body of that length.
    ///   - chunks: The body of a chunked request in its chunks.
    ///   - trailers: The field lines behind it.
    init(
        _ line: String,
        _ fields: [String] = ["Host: example.test"],
        for host: String? = "example.test",
        via: String = "1.1",
        id: String = madeID,
        upgrade: String? = nil,
        length: Int? = nil,
        body: String = "",
        chunks: [String]? = nil,
        trailers: [String] = []
    ) {
        var lines = ["\(line) HTTP/1.1"] + fields
        lines += ["X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: http"]
        if let host { lines.append("X-Forwarded-Host: \(host)") }
        lines += ["Via: \(via) swerve", "X-Request-Id: \(id)"]
        if let upgrade { lines += ["Connection: upgrade", "Upgrade: \(upgrade)"] }
        if let length { lines.append("Content-Length: \(length)") }
        if chunks != nil { lines.append("Transfer-Encoding: chunked") }
        head = lines.map { $0 + "\r\n" }.joined() + "\r\n"
        self.body = chunks?.joined() ?? body
        self.trailers = trailers
        guard let chunks else {
            wireBody = body
            return
        }
        let framed = chunks.map { "\(String(wire($0).count, radix: 16))\r\n\($0)\r\n" }.joined()
        wireBody = framed + "0\r\n" + trailers.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    /// The method.
    var method: String { String(head.prefix { $0 != " " }) }
}

/// The bytes of `text`, each character below U+0100 as one byte.
func wire(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
}

/// What `wire` made bytes of, escaped for messages and names.
func printable(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
        switch byte {
        case 13: "\\r"
        case 10: "\\n"
        case 9: "\\t"
        case 32..<127: String(Unicode.Scalar(byte))
        default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }.joined()
}

/// The rows, one family a file.
enum RequestTable {
    /// All of them.
    static let rows =
        lengths + codings + chunkSizes + trailers + fieldLines + requestLines + targets + hosts + connections
        + forwarding + expectations + upgrades + pipelines + foreign

    /// Every fourth of the short ones, which is some of each family.
    static let sample: [RequestRow] = rows.filter(\.isShort).enumerated().compactMap { index, row in
        index % 4 == 0 ? row : nil
    }
}
