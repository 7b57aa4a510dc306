import TestSupport
import Testing

/// One origin that misbehaves, or that comes close, and what becomes of it.
struct ResponseRow: Sendable, CustomTestStringConvertible {
    /// What is odd about the origin.
    let name: String
    /// Where it is written what is right.
    let section: String
    /// What the client asks for.
    var ask: Ask
    /// What the origin does then, step by step.
    let origin: [OriginStep]
    /// What the client gets.
    let outcome: ExpectedOutcome
    /// Whether the origin's connection carries the next exchange.
    var isReused: Bool
    /// The next exchange.
    var next: NextExchange

    /// A row of the table; without more the client sends a GET and the origin's connection is retired.
    init(
        _ name: String,
        _ section: String,
        asked ask: Ask = .get,
        _ origin: [OriginStep],
        _ outcome: ExpectedOutcome,
        isReused: Bool = false,
        next: NextExchange = NextExchange()
    ) {
        self.name = name
        self.section = section
        self.ask = ask
        self.origin = origin
        self.outcome = outcome
        self.isReused = isReused
        self.next = next
    }

    var testDescription: String { "\(name) (\(section))" }

    /// The same row for another question, when the answer is the same.
    func asked(_ ask: Ask, _ suffix: String, _ outcome: ExpectedOutcome) -> ResponseRow {
        ResponseRow(
            "\(name), \(suffix)",
            section,
            asked: ask,
            origin,
            outcome,
            isReused: isReused,
            next: next
        )
    }
}

/// What a client asks for.
struct Ask: Sendable {
    var method = "GET"
    var version = "HTTP/1.1"
    var fields: [String] = []
    var body = ""
    /// The client sends all that it announces.
    var isComplete = true

    static let get = Ask()
    static let head = Ask(method: "HEAD")
    static let post = Ask(method: "POST", fields: ["Content-Length: 4"], body: "body")
    static let old = Ask(version: "HTTP/1.0")
    static let oldKeepAlive = Ask(version: "HTTP/1.0", fields: ["Connection: keep-alive"])
    static let upgrade = Ask(fields: ["Connection: Upgrade", "Upgrade: websocket"])
    /// An upload that never comes to its end.
    static let upload = Ask(
        method: "POST",
        fields: ["Content-Length: 1000"],
        body: "start",
        isComplete: false
    )

    /// The bytes of the request.
    func text(_ target: String) -> String {
        (["\(method) \(target) \(version)", "Host: example.test"] + fields + ["", body])
            .joined(separator: "\r\n")
    }

    /// Whether the client's connection could carry another request.
    var wantsKeepAlive: Bool {
        isComplete && (version == "HTTP/1.1" || fields.contains("Connection: keep-alive"))
    }
}

/// One step of an origin.
enum OriginStep: Sendable {
    case send(String)
    case bytes([UInt8])
    /// Byte for byte, with a pause behind each.
    case drip(String, every: Duration)
    /// Waits until the client has all of the answer that it is to get before what follows.
    case untilSeen
    /// Reads what there is of the request's body, up to this much.
    case read(Int)
    case close
    case halfClose
    case reset
    /// Says nothing more until the other side ends the connection.
    case silence
}

/// What a client gets.
enum ExpectedOutcome: Sendable {
    /// A whole answer, with exactly this head and body.
    case answer(ExpectedAnswer)
    /// An answer of the gateway's own.
    case failure(Int)
    /// An answer that begins like this and then ends in one of these ways, visibly before its end.
    case cut(ExpectedAnswer, StreamEnding)

    /// A whole answer with a length.
    static func ok(_ body: String = "ok", _ fields: [String] = []) -> ExpectedOutcome {
        .answer(ExpectedAnswer(fields: fields, body: body))
    }

    /// A whole answer in chunks.
    static func chunked(_ body: String, trailers: [String] = []) -> ExpectedOutcome {
        .answer(ExpectedAnswer(framing: .chunked, body: body, trailers: trailers))
    }

    /// A whole answer that has no body, whatever its status.
    static func bodiless(_ status: String, _ framing: ExpectedAnswer.Framing = .none) -> ExpectedOutcome {
        .answer(ExpectedAnswer(status: status, framing: framing, body: ""))
    }

    /// A whole answer that ends with its connection.
    static func untilClose(_ body: String) -> ExpectedOutcome {
        .answer(ExpectedAnswer(framing: .untilClose, body: body))
    }

    /// An answer of known length that stops after `body`.
    static func short(_ body: String, of length: Int = 100) -> ExpectedOutcome {
        .cut(ExpectedAnswer(framing: .length(length), body: body), .closed)
    }

    /// An answer in chunks that stops after `body`.
    static func unfinished(_ body: String) -> ExpectedOutcome {
        .cut(ExpectedAnswer(framing: .chunked, body: body), .closed)
    }

    /// An answer until the end of the connection that is reset after `body`.
    static func broken(_ body: String) -> ExpectedOutcome {
        .cut(ExpectedAnswer(framing: .untilClose, body: body), .reset)
    }

    static let badGateway = ExpectedOutcome.failure(502)
    static let timeout = ExpectedOutcome.failure(504)
}

/// An answer of the origin's as the client gets it.
struct ExpectedAnswer: Sendable {
    /// How its end is announced.
    enum Framing: Sendable, Equatable {
        /// Not at all.
        case none
        /// By the length of the body.
        case body
        /// By this length, whatever comes.
        case length(Int)
        case chunked
        case untilClose
    }

    var status = "200 OK"
    /// The fields that pass, apart from `Date`.
    var fields: [String] = []
    var framing = Framing.body
    var body = ""
    var trailers: [String] = []
    /// The heads that come before, byte for byte.
    var interim: [String] = []

    /// The lines of the head, apart from `Date`.
    func head(to ask: Ask) -> [String] {
        let keepsOpen = ask.wantsKeepAlive && framing != .untilClose
        var lines = ["HTTP/1.1 \(status)"] + fields + ["Via: 1.1 swerve"]
        switch framing {
        case .none, .untilClose: break
        case .body: lines.append("Content-Length: \(body.utf8.count)")
        case .length(let count): lines.append("Content-Length: \(count)")
        case .chunked: lines.append("Transfer-Encoding: chunked")
        }
        if !keepsOpen { lines.append("Connection: close") }
        if keepsOpen, ask.version == "HTTP/1.0" { lines.append("Connection: keep-alive") }
        return lines
    }
}

/// The exchange that follows on the same client connection, or on a fresh one when that has ended.
struct NextExchange: Sendable {
    var ask = Ask.get
    /// What the origin does while its connection rests.
    var atRest: [OriginStep] = []
    /// What it does in the instant in which the next request is under way to the balancer.
    var inTheInstant: [OriginStep] = []
    /// What it does when the next request comes on the same connection, instead of answering it.
    var onReuse: [OriginStep] = []
    /// What the client gets instead of the right answer.
    var failure: Int?
}

/// The head of an answer and whatever follows it.
func answer(_ fields: String..., then rest: String = "") -> String {
    (["HTTP/1.1 200 OK"] + fields + ["", rest]).joined(separator: "\r\n")
}

/// An answer in chunks up to wherever `coded` ends.
func chunkedAnswer(_ coded: String) -> String {
    answer("Transfer-Encoding: chunked", then: coded)
}
