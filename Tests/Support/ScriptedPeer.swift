import Glibc

/// An origin server that records what it gets, byte for byte, and answers as it is told.
///
/// Health probes are recognised by their `User-Agent`, answered by a script of their own and kept out of
/// ``requests`` and ``connections``.
public final class ScriptedPeer: Sendable {
    /// When the script is asked.
    public enum Trigger: Sendable {
        /// When a request is complete; its body has been read.
        case request
        /// When a head is complete; the script reads the body if it wants it.
        case head
    }

    /// What happens to a new connection before anything is read.
    public enum Welcome: Sendable {
        /// It is served.
        case serve
        /// It is reset.
        case reset
        /// It is ended in order.
        case close
        /// It stays open and nothing is ever read.
        case ignore
    }

    private let core: PeerCore

    /// Starts an origin on a loopback port of the kernel's choice.
    ///
    /// - Parameters:
    ///   - address: The address to bind.
    ///   - trigger: Whether the script sees whole requests or heads.
    ///   - receiveBuffer: The size of the kernel's receive buffer of each connection.
    ///   - script: How requests are answered.
    /// - Throws: ``SocketError`` when no port is to be had.
    public init(
        address: String = "127.0.0.1",
        trigger: Trigger = .request,
        receiveBuffer: Int? = nil,
        _ script: @escaping PeerScript
    ) throws {
        core = try PeerCore(address: address, trigger: trigger, receiveBuffer: receiveBuffer, script)
        try core.start()
    }

    deinit { core.stop() }

    /// `127.0.0.1:PORT`.
    public var endpoint: String { "\(core.address):\(port)" }
    /// The port.
    public var port: UInt16 { core.listener.port }

    /// The requests so far, probes left out.
    public var requests: [RecordedRequest] { core.state.read { $0.requests } }
    /// How many requests came, also beyond those that are kept.
    public var requestCount: Int { core.state.read { $0.requestCount } }
    /// The connections that brought anything but probes.
    public var connections: [RecordedConnection] { core.state.read { $0.connections } }
    /// How many connections were accepted, whatever became of them.
    public var acceptedCount: Int { core.state.read { $0.acceptedCount } }
    /// The probes so far.
    public var probes: [RecordedRequest] { core.state.read { $0.probes } }

    /// Refuses connections from now on and resets the ones that are open; the port stays reserved.
    public func stop() { core.stop() }

    /// Comes back on the same port.
    public func restart() throws { try core.start() }

    /// Resets the open connections and goes on listening.
    public func resetConnections() { core.abortConnections() }

    /// Replaces the script.
    public func answer(_ script: @escaping PeerScript) { core.state.access { $0.script = script } }

    /// Replaces the answer to probes.
    public func answerProbes(_ script: @escaping PeerScript) { core.state.access { $0.probeScript = script } }

    /// Decides what happens to new connections, those of probes included.
    public func welcome(_ welcome: Welcome) { core.state.access { $0.welcome = welcome } }

    /// Waits until so many requests have come.
    public func waitForRequests(_ count: Int, within limit: Duration = Deadline.patience) -> Bool {
        core.state.wait(until: .after(limit)) { $0.requestCount >= count ? true : nil } ?? false
    }

    /// Waits until so many probes have come.
    public func waitForProbes(_ count: Int, within limit: Duration = Deadline.patience) -> Bool {
        core.state.wait(until: .after(limit)) { $0.probes.count >= count ? true : nil } ?? false
    }

    /// Waits until a connection has ended and says how.
    public func waitForEnd(of connection: Int, within limit: Duration = Deadline.patience)
        -> ConnectionEnding?
    {
        core.state.wait(until: .after(limit)) { state in
            let ending = state.connections.first { $0.number == connection }?.ending ?? .open
            return ending == .open ? nil : ending
        }
    }

    /// Waits until a connection has brought so many bytes.
    public func waitForBytes(
        _ count: Int,
        on connection: Int = 1,
        within limit: Duration = Deadline.patience
    ) -> Bool {
        core.state.wait(until: .after(limit)) { state in
            state.connections.contains { $0.number == connection && $0.byteCount >= count } ? true : nil
        } ?? false
    }
}

/// What the threads of a peer share; outlives the handle until the last of them has returned.
private final class PeerCore: Sendable {
    struct State {
        var script: PeerScript
        var probeScript: PeerScript = { _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), .close] }
        var welcome = ScriptedPeer.Welcome.serve
        var requests: [RecordedRequest] = []
        var requestCount = 0
        var probes: [RecordedRequest] = []
        var acceptedCount = 0
        var connections: [RecordedConnection] = []
        var open: [Int32: Socket] = [:]
        var isStopped = true
    }

    /// Load tests send more than anybody looks at.
    static let keptRequests = 4096
    static let keptBytes = 4 << 20

    let state: Monitor<State>
    let address: String
    let listener: Listener
    let trigger: ScriptedPeer.Trigger
    let receiveBuffer: Int?

    init(
        address: String,
        trigger: ScriptedPeer.Trigger,
        receiveBuffer: Int?,
        _ script: @escaping PeerScript
    ) throws {
        self.address = address
        self.trigger = trigger
        self.receiveBuffer = receiveBuffer
        listener = try Listener(address: address, port: 0)
        if let receiveBuffer { listener.socket.setOption(SOL_SOCKET, SO_RCVBUF, Int32(receiveBuffer)) }
        state = Monitor(State(script: script))
    }

    func start() throws {
        try listener.start()
        state.access { $0.isStopped = false }
        onNewThread { [self] in
            while let socket = listener.accept() {
                let isWanted = state.access { state in
                    state.acceptedCount += 1
                    if !state.isStopped { state.open[socket.descriptor] = socket }
                    return !state.isStopped
                }
                guard isWanted else {
                    socket.abort()
                    continue
                }
                onNewThread { [self] in serve(socket) }
            }
        }
    }

    func stop() {
        state.access { $0.isStopped = true }
        listener.stop()
        abortConnections()
    }

    func abortConnections() {
        state.access { state in state.open.values.forEach { $0.abort() } }
    }

    private func serve(_ socket: Socket) {
        defer {
            // The socket may be closed already, and its number another one's.
            state.access { state in
                if state.open[socket.descriptor] === socket { state.open[socket.descriptor] = nil }
            }
            socket.close()
        }
        switch state.read({ $0.welcome }) {
        case .serve: break
        case .reset: return socket.abort()
        case .close: return
        case .ignore:
            _ = socket.wait(for: 0, until: .after(.seconds(600)))
            return
        }
        ConnectionServer(self, socket).run()
    }
}

/// The life of one connection at an origin, on its own thread.
private final class ConnectionServer {
    private let core: PeerCore
    private let connection: PeerConnection
    /// The place among the recorded connections; `nil` until something came that is not a probe.
    private var number: Int?
    private var early: [UInt8] = []

    init(_ core: PeerCore, _ socket: Socket) {
        self.core = core
        connection = PeerConnection(socket)
        connection.reader.onArrival = { [unowned self] bytes in record(bytes) }
    }

    func run() {
        var ending = ConnectionEnding.endedHere
        do {
            var ordinal = 0
            while !connection.isFinished {
                guard let head = try connection.reader.readHead(until: .after(.seconds(600))) else {
                    ending = .closed
                    break
                }
                ordinal += 1
                try answer(head, ordinal)
            }
            if connection.sawEnd { ending = .closed }
        } catch MessageFault.reset {
            ending = .reset
        } catch MessageFault.truncated {
            ending = .closed
        } catch let error as SocketError {
            ending = error.isPeerGone ? .reset : .endedHere
        } catch {
            ending = .malformed("\(error)")
        }
        connection.reader.onArrival = nil
        finish(ending)
    }

    private func answer(_ head: MessageHead, _ ordinal: Int) throws {
        if RecordedRequest.isProbe(head.fields) {
            let probe = try RecordedRequest(head, connection: 0, ordinal: ordinal)
            let script = core.state.access { state in
                state.probes.append(probe)
                return state.probeScript
            }
            for action in script(probe) where !connection.isFinished { try connection.perform(action) }
            return
        }
        register()
        var request = try RecordedRequest(head, connection: number ?? 0, ordinal: ordinal)
        connection.bodyLength = try declaredLength(request.fields) ?? .none
        if core.trigger == .request {
            let trailers = try connection.reader.readBody(connection.bodyLength, until: .after(.seconds(120)))
            {
                if request.body.count < PeerCore.keptBytes { request.body.append(contentsOf: $0) }
            }
            request.trailers = trailers
            connection.bodyLength = .none
        }
        let script = core.state.access { state in
            state.requestCount += 1
            if state.requests.count < PeerCore.keptRequests { state.requests.append(request) }
            return state.script
        }
        for action in script(request) where !connection.isFinished { try connection.perform(action) }
    }

    /// Bytes are kept aside until it is known that they are not a probe.
    private func record(_ bytes: UnsafeRawBufferPointer) {
        guard let number else { return early.append(contentsOf: bytes) }
        core.state.access { state in
            state.connections[number - 1].byteCount += bytes.count
            if state.connections[number - 1].bytes.count < PeerCore.keptBytes {
                state.connections[number - 1].bytes.append(contentsOf: bytes)
            }
        }
    }

    private func register() {
        guard number == nil else { return }
        number = core.state.access { state in
            var connection = RecordedConnection(number: state.connections.count + 1)
            connection.bytes = early
            connection.byteCount = early.count
            state.connections.append(connection)
            return connection.number
        }
    }

    private func finish(_ ending: ConnectionEnding) {
        // A connection that ended inside its first head counts too: something of a request got through.
        if !early.isEmpty, number == nil, !earlyBytesAreAProbe { register() }
        guard let number else { return }
        core.state.access { $0.connections[number - 1].ending = ending }
    }

    private var earlyBytesAreAProbe: Bool {
        String(decoding: early, as: UTF8.self).contains("User-Agent: swerve-health/")
    }
}
