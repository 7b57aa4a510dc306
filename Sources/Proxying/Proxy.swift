public import Configuration
public import Events
internal import HTTPMessages
public import Observability
public import Upstreams

/// Everything that the exchanges of one loop share: the pool, the parsers' memory, the access log, the clients.
public final class Proxy {
    /// The loop whose thread alone may touch the proxy.
    public let loop: EventLoop
    /// Lines waiting to be written; empty for ever when the access log is off.
    public let accessLog: AccessLog
    /// What is counted about the clients.
    public let counters = WorkerCounters()

    let view: BackendView
    let pool: ConnectionPool

    /// What a reload may change.
    private(set) var rules: ProxyRules

    // MARK: Memory reused from one message to the next

    /// The parser of requests, valid until the callback that parsed returns.
    let requestHead = RequestHead()
    /// The parser of answers, valid until the callback that parsed returns.
    let responseHead = ResponseHead()
    /// What goes to a client next; filled and sent by its session, empty between two callbacks.
    let toClient = ByteWriter(capacity: 64 * 1024)
    /// What goes to a backend next; filled and sent by an exchange within one callback.
    let toBackend = ByteWriter(capacity: 64 * 1024)
    /// What is known of a request that is refused before it is an exchange.
    let refused = ByteWriter()

    let requestIDs = RequestIDSource()
    private var clock = WallClock()

    /// A stop was asked for: every answer is the last one on its connection.
    private(set) var keepsClients = true
    /// The listeners are closed: nothing is kept that has nothing to do.
    private(set) var isDraining = false
    private var clients = ClientList()
    private var spares = SpareExchanges()
    /// Backends that went down or into maintenance in this turn: what runs there is looked after when it ends.
    private var left: [WorkerBackend] = []
    private var leaveTimer: Timer?
    /// The number of exchanges that are not at rest.
    private var runningCount = 0
    private var gauge = CrowdGauge()
    private var crowdTimer: Timer?
    private var isCrowdTimerRunning = false
    private let account: DescriptorAccount
    private let report: (Report) -> Void
    private let clientLeft: () -> Void

    /// Bytes of a client that wait here while its exchange cannot take them.
    static let holdLimit = 64 * 1024
    /// How long after a crowd has gone its memory goes back to the system.
    private static let crowdPause = Duration.seconds(2)
    /// How long a client gets to read an answer that came before its request was complete.
    static let lingerLimit = LoopInterval.seconds(5)
    /// How long a client may rest whatever the crowd: long enough for a request that is on its way.
    private static let restLimit = LoopInterval.milliseconds(250)
    /// So many clients are looked at for one that rests.
    private static let crowdSlice = 2048

    /// The traffic of the worker whose loop is `loop`.
    ///
    /// - Parameters:
    ///   - loop: the loop to work on.
    ///   - configuration: timeouts and limits.
    ///   - board: the backends.
    ///   - account: the descriptors that clients and their backends may take together.
    ///   - report: told what somebody else has to know.
    ///   - clientLeft: told that a client connection closed.
    public init(
        on loop: EventLoop,
        configuration: ServerConfiguration,
        board: BackendBoard,
        account: DescriptorAccount,
        report: @escaping (Report) -> Void,
        clientLeft: @escaping () -> Void
    ) {
        self.loop = loop
        self.account = account
        self.report = report
        self.clientLeft = clientLeft
        view = BackendView(of: board)
        pool = ConnectionPool(view, on: loop)
        rules = ProxyRules(configuration)
        accessLog = AccessLog(rules.logFormat, counters: counters)
    }

    /// Goes on by other timeouts and limits; exchanges going on meet them at their next step.
    ///
    /// Only how long a peer may take no bytes stays what it was when its connection was made.
    public func follow(_ configuration: ServerConfiguration) {
        rules = ProxyRules(configuration)
        accessLog.format = rules.logFormat
    }

    /// The number of client connections open.
    public var clientCount: Int { clients.count }

    /// Makes the stream for a client that was accepted.
    public func makeClient(_ peer: SocketAddress?) -> ByteStream {
        ClientConnection(from: peer, proxy: self)
    }

    /// Makes every answer the last one on its connection.
    public func leave() {
        keepsClients = false
    }

    /// Stops keeping connections: idle ones close now, busy ones after their answer.
    public func drain() {
        keepsClients = false
        isDraining = true
        pool.closeAll()
        for client in clients.all { client.closeIfResting() }
    }

    /// Tells upgraded connections that the server goes away, as far as it speaks their protocol.
    public func announceShutdown() {
        for client in clients.all { client.announceShutdown() }
    }

    /// The number of exchanges going on.
    public var exchangeCount: Int { clients.all.count { $0.isBusy } }

    /// Closes every client connection at once.
    public func cutAll() {
        for client in clients.all { client.cut() }
    }

    // MARK: Memory

    /// Clients and exchanges: what memory goes with.
    private var crowd: Int { clients.count + runningCount }

    /// Looks again in a while, because a crowd that comes in waves would want its memory back.
    @inline(never)
    private func crowdLeft() {
        guard !isCrowdTimerRunning else { return }
        isCrowdTimerRunning = true
        if crowdTimer == nil { crowdTimer = Timer(on: loop) { [unowned self] in giveMemoryBack() } }
        crowdTimer?.start(after: Self.crowdPause)
    }

    private func giveMemoryBack() {
        isCrowdTimerRunning = false
        guard gauge.isOver(at: crowd) else { return }
        gauge.set(to: crowd)
        dropSpares()
        FreedMemory.giveBack()
    }

    /// Forgets the exchanges at rest, which are made anew when they are needed and keep their worker alive till then.
    public func dropSpares() {
        spares.removeAll()
    }

    // MARK: Scarcity

    /// Closes the clients that have rested longest, a sixteenth of those looked at.
    ///
    /// Of a great crowd one part is looked at each time, so that no request waits for a look at all.
    ///
    /// - Returns: how many were closed.
    public func closeRestingClients() -> Int {
        let now = loop.now.nanoseconds
        let latest = LoopTime(nanoseconds: now - min(now, Self.restLimit.nanoseconds))
        let looked = min(clients.count, Self.crowdSlice)
        var count = 0
        for client in clients.resting(since: latest, among: looked).prefix(max(1, looked / 16))
        where client.isSilent() {
            client.close()
            count += 1
        }
        return count
    }

    /// Closes connections at rest until descriptors are no longer short.
    public func giveDescriptorsBack() {
        while account.isSpent, pool.count > 0 { pool.closeOne() }
    }

    // MARK: The backends

    /// Takes over what changed on the board, if anything did.
    @inline(__always)
    func followBoard() {
        if view.isStale { takeBoard() }
    }

    /// Takes over what changed on the board.
    public func backendsChanged() { followBoard() }

    @inline(never)
    private func takeBoard() {
        let changes = view.refresh()
        for gone in changes.removed { pool.closeAll(to: gone) }
        for member in view.members where member.duty != .serving {
            pool.closeAll(to: member)
            if member.duty == .maintenance { left.append(member) }
        }
        left += changes.down
        if !left.isEmpty { leaveBackendsSoon() }
    }

    private func leaveBackendsSoon() {
        if leaveTimer == nil { leaveTimer = Timer(on: loop) { [unowned self] in leaveBackends() } }
        leaveTimer?.start(after: .zero)
    }

    /// Ends the tunnels to backends in maintenance, and has what waits at backends that are down go elsewhere.
    ///
    /// On a timer, because an exchange may be what took over the board.
    private func leaveBackends() {
        let backends = left
        left = []
        for backend in backends {
            for exchange in backend.exchanges.all {
                if backend.duty == .maintenance { exchange.endIfTunnel() } else { exchange.backendWentDown() }
            }
        }
    }

    // MARK: For clients and exchanges

    func register(_ client: ClientConnection) {
        clients.add(client)
        counters.clientConnected()
        gauge.rise(to: crowd)
        makeRoom()
        account.take()
    }

    func unregister(_ client: ClientConnection) {
        clients.remove(client)
        counters.clientLeft()
        account.give()
        if gauge.isOver(at: crowd) { crowdLeft() }
        clientLeft()
    }

    func upstreamOpened() { account.take() }

    func upstreamClosed() { account.give() }

    /// Closes a connection at rest when descriptors run short: whoever needs one now comes first.
    func makeRoom() {
        guard account.isSpent else { return }
        if pool.count > 0 { pool.closeOne() } else { account.askOthers() }
    }

    /// The present, if a line of the access log tells it.
    func logTime() -> LogTime {
        guard accessLog.tellsTime else { return LogTime(seconds: 0, milliseconds: 0, utcOffset: 0) }
        let reading = clock.read()
        return LogTime(
            seconds: reading.seconds,
            milliseconds: reading.milliseconds,
            utcOffset: reading.utcOffset
        )
    }

    func makeExchange() -> Exchange {
        runningCount += 1
        gauge.rise(to: crowd)
        return spares.take(in: loop.turn) ?? newExchange()
    }

    /// Apart, because as a rule there is one at rest.
    @inline(never)
    private func newExchange() -> Exchange { Exchange(self) }

    /// Takes an exchange back that is over.
    func recycle(_ exchange: Exchange) {
        spares.put(exchange, in: loop.turn)
        runningCount -= 1
        if gauge.isOver(at: crowd) { crowdLeft() }
    }

    /// Seconds after which trying again makes sense: the next probe, or soon; `nil` when nothing tells.
    func retryAfter(_ failure: GatewayFailure) -> Int? {
        switch failure {
        case .noBackendAlive: rules.retryAfter
        case .localShortage: 1
        default: nil
        }
    }

    // MARK: Reports

    /// A backend could not be connected to.
    ///
    /// - Parameters:
    ///   - backend: the backend.
    ///   - code: the system's error number.
    func reportUnreachable(_ backend: WorkerBackend, _ code: Int32) {
        if !rules.probes { view.passOver(backend, now: loop.now) }
        report(.unreachable(backend.backend, "a request could not connect: \(SystemError.text(code))"))
    }

    /// A backend took a request on a new connection and reset it.
    func reportBroken(_ backend: WorkerBackend) {
        report(.suspected(backend.backend, "it reset a fresh connection without an answer"))
    }

    /// A backend has given no answers while a request waited for it.
    func reportMute(_ backend: WorkerBackend) { report(.mute(backend.backend)) }

    func reportNoBackend() { report(.noBackend) }

    func reportShortage(_ code: Int32) { report(.shortage(code)) }
}

extension Proxy {
    /// What a worker tells of what it meets.
    public enum Report: Sendable {
        /// A backend cannot be connected to, for this reason.
        case unreachable(Backend, String)
        /// A backend failed a request that may be at fault itself, for this reason.
        case suspected(Backend, String)
        /// A backend has given no answers for as long as a probe may take, while a request waited for it.
        case mute(Backend)
        /// A client was turned away because no backend is alive.
        case noBackend
        /// This machine has nothing left for another connection; the system's error number.
        case shortage(Int32)
    }
}
