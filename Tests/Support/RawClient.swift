import Glibc

/// A response as a client saw it.
public struct Response: Sendable {
    /// The version, `HTTP/1.1`.
    public var version = ""
    /// The status.
    public var status = 0
    /// The reason phrase.
    public var reason = ""
    /// The fields in order.
    public var fields: [HeaderField] = []
    /// The head's bytes, the empty line included.
    public var head: [UInt8] = []
    /// The body, without its framing.
    public var body: [UInt8] = []
    /// The trailers of a chunked body.
    public var trailers: [HeaderField] = []
    /// The interim responses that came before.
    public var interim: [Response] = []

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }
    /// The head as text.
    public var headText: String { String(decoding: head, as: UTF8.self) }
    /// Whether the body came in chunks.
    public var isChunked: Bool { self["Transfer-Encoding"]?.lowercased() == "chunked" }
    /// Whether the sender said it would close.
    public var announcesClose: Bool { values("Connection").contains { $0.lowercased() == "close" } }

    /// The values of a field in order.
    public func values(_ name: String) -> [String] { fields.values(name) }
    /// The first value of a field.
    public subscript(name: String) -> String? { fields[name] }
}

/// What a client got, all told.
public enum Outcome: Sendable {
    /// A whole response.
    case complete(Response)
    /// The connection ended in order inside a response.
    case truncated(Response)
    /// The connection was reset, perhaps inside a response.
    case reset(Response)
    /// The connection ended in order before a byte.
    case closed
    /// Nothing more came in time.
    case timedOut(Response)
    /// What came was not HTTP.
    case malformed(String, Response)

    /// The whole response, if it is one.
    public var response: Response? {
        if case .complete(let response) = self { return response }
        return nil
    }

    /// Whether a client can tell that the response is not whole.
    public var isVisiblyBroken: Bool {
        switch self {
        case .truncated, .reset, .closed: true
        case .complete, .timedOut, .malformed: false
        }
    }
}

/// A response that was expected and did not come.
public struct NoResponse: Error, CustomStringConvertible {
    /// What came instead.
    public let outcome: Outcome
    /// What came instead, in words.
    public var description: String { "no whole response: \(outcome)" }
}

/// How a stream ended.
public enum StreamEnding: Sendable, Equatable {
    /// In order.
    case closed
    /// By a reset.
    case reset
    /// Not in time.
    case timedOut
}

/// A client that sends exactly what it is told and reads with an own strict parser.
///
/// Unchecked because the rule is one the compiler does not know: one thread may send while one other reads.
public final class RawClient: @unchecked Sendable {
    private let socket: Socket
    private let reader: MessageReader

    /// Connects.
    ///
    /// - Parameters:
    ///   - port: The balancer's port.
    ///   - source: The client's own address.
    ///   - receiveBuffer: The size of the kernel's receive buffer, for clients that read slowly.
    ///   - patience: How long connecting may take.
    /// - Throws: ``SocketError`` when the connection is refused or not made in time.
    public init(
        to port: UInt16,
        from source: String? = nil,
        receiveBuffer: Int? = nil,
        patience: Duration = Deadline.patience
    ) throws {
        socket = try Socket()
        reader = MessageReader(socket)
        if let receiveBuffer { socket.setOption(SOL_SOCKET, SO_RCVBUF, Int32(receiveBuffer)) }
        socket.setOption(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        if let source {
            // The port is chosen at connect, so that many clients of one address do not run out of them.
            socket.setOption(Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, 1)
            try socket.bind(source, 0)
        }
        try socket.connect("127.0.0.1", port, until: .after(patience))
    }

    /// The client's own port.
    public var localPort: UInt16 { socket.localPort }

    /// Sends text.
    public func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    /// Sends bytes.
    public func send(_ bytes: [UInt8], within limit: Duration = Deadline.patience) throws {
        try socket.send(bytes, until: .after(limit))
    }

    /// Sends bytes in pieces that reach the balancer as separate segments.
    public func send(_ bytes: [UInt8], splitAt offsets: [Int]) throws {
        var start = 0
        for offset in offsets + [bytes.count] {
            try send(Array(bytes[start..<offset]))
            start = offset
            // The kernel would merge the next piece into an unread one; acknowledged means delivered to the socket.
            let deadline = Deadline.after(.seconds(1))
            while unacknowledgedBytes > 0, !deadline.hasPassed { usleep(20) }
        }
    }

    private var unacknowledgedBytes: Int32 {
        var count: Int32 = 0
        _ = ioctl(socket.descriptor, UInt(TIOCOUTQ), &count)
        return count
    }

    /// Sends so many bytes of ``Pattern``.
    public func sendPattern(
        _ count: Int,
        within limit: Duration = .seconds(120),
        progress: (Int) -> Void = { _ in }
    ) throws {
        let deadline = Deadline.after(limit)
        try Pattern.forEachSlice(of: count) { slice in
            try socket.send(slice, until: deadline)
            progress(slice.count)
        }
    }

    /// Sends an end of stream and stays readable.
    public func halfClose() { socket.shutDownWriting() }
    /// Closes.
    public func close() { socket.close() }
    /// Resets.
    public func reset() {
        socket.abort()
        socket.close()
    }

    /// Sends a request and reads the whole response to it.
    public func exchange(
        _ request: String,
        within limit: Duration = Deadline.patience
    ) throws -> Response {
        try send(request)
        return try readResponse(to: String(request.prefix { $0 != " " }), within: limit)
    }

    /// Reads the whole response to a request with the given method.
    public func readResponse(
        to method: String = "GET",
        within limit: Duration = Deadline.patience
    ) throws -> Response {
        let outcome = readOutcome(to: method, within: limit)
        guard case .complete(let response) = outcome else { throw NoResponse(outcome: outcome) }
        return response
    }

    /// Reads up to the end of a response or of the stream and says what it was.
    public func readOutcome(to method: String = "GET", within limit: Duration = Deadline.patience) -> Outcome
    {
        var response = Response()
        return readOutcome(into: &response, method, .after(limit)) { $0.append(contentsOf: $1) }
    }

    /// Reads the head of a response, interim ones included, and leaves its body.
    public func readHead(within limit: Duration = Deadline.patience) throws -> Response {
        var response = Response()
        do {
            guard try readHead(into: &response, .after(limit)) else { throw NoResponse(outcome: .closed) }
        } catch let fault as MessageFault {
            throw NoResponse(outcome: Self.outcome(of: fault, response))
        }
        return response
    }

    /// Reads up to the end of a response whose head was read already.
    public func readRest(
        of head: Response,
        to method: String = "GET",
        within limit: Duration = Deadline.patience
    ) -> Outcome {
        var response = head
        return readBody(into: &response, method, .after(limit)) { $0.append(contentsOf: $1) }
    }

    /// Reads one interim response.
    public func readInterim(within limit: Duration = Deadline.patience) throws -> Response {
        var response = Response()
        guard let head = try reader.readHead(until: .after(limit)) else { throw NoResponse(outcome: .closed) }
        try Self.fill(&response, from: head)
        return response
    }

    /// Reads a response and compares its body with ``Pattern`` instead of keeping it.
    public func readPatternResponse(within limit: Duration = .seconds(120)) -> (Outcome, PatternChecker) {
        var response = Response()
        var checker = PatternChecker()
        let outcome = readOutcome(into: &response, "GET", .after(limit)) { checker.check($1) }
        return (outcome, checker)
    }

    private func readHead(into response: inout Response, _ deadline: Deadline) throws -> Bool {
        while true {
            guard let head = try reader.readHead(until: deadline) else { return false }
            try Self.fill(&response, from: head)
            guard (100..<200).contains(response.status), response.status != 101 else { return true }
            let interim = response
            response = Response()
            response.interim = interim.interim
            var alone = interim
            alone.interim = []
            response.interim.append(alone)
        }
    }

    private static func fill(_ response: inout Response, from head: MessageHead) throws {
        let parts = head.startLine.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].hasPrefix("HTTP/1."), parts[1].count == 3, let status = Int(parts[1])
        else {
            throw MessageFault.malformed("status line \"\(head.startLine)\"")
        }
        response.version = String(parts[0])
        response.status = status
        response.reason = String(parts[2])
        response.fields = head.fields
        response.head = head.bytes
    }

    private func readOutcome(
        into response: inout Response,
        _ method: String,
        _ deadline: Deadline,
        _ sink: (inout [UInt8], UnsafeRawBufferPointer) -> Void
    ) -> Outcome {
        do {
            guard try readHead(into: &response, deadline) else {
                return response.interim.isEmpty ? .closed : .truncated(response)
            }
        } catch let fault as MessageFault {
            return Self.outcome(of: fault, response)
        } catch {
            return .timedOut(response)
        }
        return readBody(into: &response, method, deadline, sink)
    }

    private func readBody(
        into response: inout Response,
        _ method: String,
        _ deadline: Deadline,
        _ sink: (inout [UInt8], UnsafeRawBufferPointer) -> Void
    ) -> Outcome {
        do {
            let declared = try declaredLength(response.fields)
            let hasNoBody = method == "HEAD" || [101, 204, 304].contains(response.status)
            let length: BodyLength = hasNoBody ? .none : declared ?? .untilClose
            response.trailers = try reader.readBody(length, until: deadline) { sink(&response.body, $0) }
            return .complete(response)
        } catch let fault as MessageFault {
            return Self.outcome(of: fault, response)
        } catch {
            return .timedOut(response)
        }
    }

    private static func outcome(of fault: MessageFault, _ response: Response) -> Outcome {
        switch fault {
        case .truncated: .truncated(response)
        case .reset: .reset(response)
        case .malformed(let reason): .malformed(reason, response)
        }
    }

    /// Reads exactly so many bytes; fewer when the stream ends or the time is up.
    public func read(exactly count: Int, within limit: Duration = Deadline.patience) -> [UInt8] {
        var result: [UInt8] = []
        try? reader.readExactly(count, until: .after(limit)) { result.append(contentsOf: $0) }
        return result
    }

    /// Reads exactly so many bytes and hands them over in pieces instead of keeping them.
    public func read(
        exactly count: Int,
        within limit: Duration = .seconds(120),
        _ sink: (UnsafeRawBufferPointer) -> Void
    ) throws {
        try reader.readExactly(count, until: .after(limit), sink)
    }

    /// Reads everything to the end of the stream.
    public func readToEnd(within limit: Duration = Deadline.patience) -> (
        bytes: [UInt8], ending: StreamEnding
    ) {
        var result: [UInt8] = []
        let deadline = Deadline.after(limit)
        do {
            _ = try reader.readBody(.untilClose, until: deadline) { result.append(contentsOf: $0) }
            return (result, .closed)
        } catch MessageFault.reset {
            return (result, .reset)
        } catch {
            return (result, .timedOut)
        }
    }

    /// Waits for the end of the stream, which must bring no further byte.
    public func waitForClose(within limit: Duration = Deadline.patience) -> StreamEnding? {
        let (bytes, ending) = readToEnd(within: limit)
        return bytes.isEmpty ? ending : nil
    }
}
