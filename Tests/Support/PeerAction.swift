/// One step of an origin's answer.
public enum PeerAction: Sendable {
    /// Sends bytes.
    case bytes([UInt8])
    /// Sends so many bytes of ``Pattern``.
    case stream(Int)
    /// Waits for the test.
    case wait(Gate)
    /// Reads the request's body, when the peer answers heads.
    case readBody
    /// Does nothing until the other side ends the connection.
    case stall
    /// Ends the connection in order.
    case close
    /// Resets the connection.
    case reset
    /// Anything else.
    case run(@Sendable (PeerConnection) throws -> Void)

    /// Sends text.
    public static func send(_ text: String) -> PeerAction { .bytes(Array(text.utf8)) }

    /// Sends a whole answer with a `Content-Length`.
    public static func answer(
        _ status: String = "200 OK",
        _ fields: [String] = [],
        body: String = ""
    ) -> PeerAction {
        let lines = ["HTTP/1.1 \(status)"] + fields + ["Content-Length: \(body.utf8.count)", "", body]
        return .send(lines.joined(separator: "\r\n"))
    }
}

/// What decides how an origin answers.
public typealias PeerScript = @Sendable (RecordedRequest) -> [PeerAction]

/// An origin's end of one connection, for scripts that need more than a list of steps.
public final class PeerConnection {
    let socket: Socket
    let reader: MessageReader
    var bodyLength = BodyLength.none
    var isFinished = false
    /// Whether it was the other side that ended the stream.
    var sawEnd = false

    init(_ socket: Socket) {
        self.socket = socket
        reader = MessageReader(socket)
    }

    /// Sends text.
    public func send(_ text: String) throws {
        try socket.send(Array(text.utf8), until: .after(.seconds(60)))
    }

    /// Sends bytes.
    public func send(_ bytes: [UInt8]) throws {
        try socket.send(bytes, until: .after(.seconds(60)))
    }

    /// Sends a piece of something larger.
    public func send(_ bytes: UnsafeRawBufferPointer) throws {
        try socket.send(bytes, until: .after(.seconds(120)))
    }

    /// Reads some bytes of whatever follows the head; `nil` at the end of the stream.
    public func read(upTo limit: Int) throws -> [UInt8]? {
        var result: [UInt8] = []
        if reader.buffered == 0 {
            guard try reader.fill(until: .after(.seconds(60))) else { return nil }
        }
        _ = reader.take(upTo: limit) { result.append(contentsOf: $0) }
        return result
    }

    /// Reads exactly so many bytes of whatever follows the head.
    public func read(exactly count: Int) throws -> [UInt8] {
        var result: [UInt8] = []
        try reader.readExactly(count, until: .after(.seconds(60))) { result.append(contentsOf: $0) }
        return result
    }

    /// Reads the body of the request in hand through its framing and hands it over in pieces.
    public func readBody(_ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        _ = try reader.readBody(bodyLength, until: .after(.seconds(120)), sink)
        bodyLength = .none
    }

    /// Sends an end of stream and stays readable.
    public func shutDownWriting() {
        socket.shutDownWriting()
    }

    func perform(_ action: PeerAction) throws {
        switch action {
        case .bytes(let bytes): try send(bytes)
        case .stream(let count):
            try Pattern.forEachSlice(of: count) { try socket.send($0, until: .after(.seconds(120))) }
        case .wait(let gate): gate.wait()
        case .readBody: try readBody { _ in }
        case .stall:
            while try read(upTo: .max) != nil {}
            sawEnd = true
            isFinished = true
        case .close:
            socket.shutDownWriting()
            socket.close()
            isFinished = true
        case .reset:
            socket.abort()
            isFinished = true
        case .run(let body): try body(self)
        }
    }
}
