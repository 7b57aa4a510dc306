import TestSupport

/// The protocols in which a client may speak to a worker; what is true of streams is true in each of them.
enum ClientProtocol: CaseIterable, Sendable {
    case http1

    /// Connects.
    func connect(to port: UInt16) throws -> any ProtocolClient {
        switch self {
        case .http1: HTTP1Client(try RawClient(to: port))
        }
    }
}

/// A client's end of one connection, as far as protocols agree.
protocol ProtocolClient {
    /// Sends a request; a body without a length is sent as far as it goes, and `endBody` ends it.
    func request(_ method: String, _ path: String, _ fields: [String], body: RequestBody) throws
    /// Sends more of the body.
    func sendBody(_ text: String) throws
    /// Ends a body without a length.
    func endBody(trailers: [String]) throws
    /// Reads the next final answer.
    func answer(to method: String) -> Outcome
    /// Reads the head of the next final answer.
    func head() throws -> Response
    /// Reads a body of so many bytes.
    func body(of count: Int) -> [UInt8]
    /// Reads the next interim response.
    func interim() throws -> Response
    /// Goes away.
    func leave()
    /// Asks for a tunnel to a protocol `echo`, and waits until it is open.
    func openTunnel(_ path: String) throws
    /// Sends bytes through the tunnel.
    func sendThrough(_ bytes: [UInt8]) throws
    /// Reads bytes from the tunnel.
    func readThrough(_ count: Int) -> [UInt8]
    /// Ends the client's side of the tunnel and waits for the other one.
    func endTunnel() -> Bool
}

/// The body of a request.
enum RequestBody {
    case none
    case length(String)
    case announced(Int)
    case unknownLength
}

/// HTTP/1.1.
struct HTTP1Client: ProtocolClient {
    private let client: RawClient
    private let isChunked = Monitor(false)

    init(_ client: RawClient) { self.client = client }

    func request(_ method: String, _ path: String, _ fields: [String], body: RequestBody) throws {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: example.test"] + fields
        var text = ""
        switch body {
        case .none: break
        case .length(let content):
            lines.append("Content-Length: \(content.utf8.count)")
            text = content
        case .announced(let count): lines.append("Content-Length: \(count)")
        case .unknownLength: lines.append("Transfer-Encoding: chunked")
        }
        let framesBody = if case .unknownLength = body { true } else { false }
        isChunked.access { $0 = framesBody }
        try client.send((lines + ["", text]).joined(separator: "\r\n"))
    }

    func sendBody(_ text: String) throws {
        let isChunked = isChunked.read { $0 }
        try client.send(isChunked ? "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n" : text)
    }

    func endBody(trailers: [String]) throws {
        try client.send((["0"] + trailers + ["", ""]).joined(separator: "\r\n"))
    }

    func answer(to method: String) -> Outcome { client.readOutcome(to: method) }

    func head() throws -> Response { try client.readHead() }

    func body(of count: Int) -> [UInt8] { client.read(exactly: count, within: .seconds(120)) }

    func interim() throws -> Response { try client.readInterim() }

    func leave() { client.close() }

    func openTunnel(_ path: String) throws {
        try client.send(
            "GET \(path) HTTP/1.1\r\nHost: example.test\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"
        )
        guard try client.readHead().status == 101 else { throw NoTunnel() }
    }

    struct NoTunnel: Error {}

    func sendThrough(_ bytes: [UInt8]) throws { try client.send(bytes) }

    func readThrough(_ count: Int) -> [UInt8] { client.read(exactly: count) }

    func endTunnel() -> Bool {
        client.halfClose()
        return client.waitForClose() == .closed
    }
}
