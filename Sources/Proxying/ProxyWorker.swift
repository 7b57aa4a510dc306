public import Configuration
public import Events
internal import HTTPMessages
public import Observability
public import Upstreams

/// Everything that the exchanges of one loop share: the pool, the parsers' memory, the access log, the clients.
public final class ProxyWorker {
    /// The loop whose thread alone may touch the worker.
    public let loop: EventLoop
    /// Lines waiting to be written; empty for ever when the access log is off.
    public let accessLog: AccessLog
    /// What is counted about the clients.
    public let counters = WorkerCounters()

    let view: BackendView
    let pool: ConnectionPool

    /// What a reload may change.
    private var rules: WorkerRules

    // MARK: Memory reused from one message to the next; valid during one callback

    let requestHead = RequestHead()
    let responseHead = ResponseHead()
    let outgoing = ByteWriter(capacity: 64 * 1024)
    /// What is known of a request that is refused before it is an exchange.
    let refused = ByteWriter()

    let requestIDs = RequestIDSource()
    private var clock = WallClock()

    /// A stop was asked for: every answer is the last one on its connection.
    private(set) var keepsClients = true
    /// The listeners are closed: nothing is kept that has nothing to do.
    private(set) var isDraining = false
    private var clients: [ObjectIdentifier: ClientConnection] = [:]
    /// Exchanges at rest, linked one behind the other.
    private var spare: Exchange?
    /// The number of exchanges that are not at rest.
    private var runningCount = 0
    private var gauge = CrowdGauge()
    private var crowdTimer: Timer?
    private var isCrowdTimerRunning = false
    private let backendFailed: (Backend, String, Bool) -> Void
    private let clientLeft: () -> Void
    private let account: DescriptorAccount
    private let noBackend: () -> Void
    private let shortage: (Int32) -> Void

    /// Bytes of a request body that are held so that the request can be sent again.
    static let replayLimit = 64 * 1024
    /// Bytes of a client that wait here while its exchange cannot take them.
    static let holdLimit = 64 * 1024
    /// How long after a crowd has gone its memory goes back to the system.
    private static let crowdPause = Duration.seconds(2)
    /// How long a client gets to read an answer that came before its request was complete.
    static let lingerLimit = LoopInterval.seconds(5)
    /// How long a client may rest whatever the crowd: long enough for a request that is on its way.
    private static let restLimit = LoopInterval.milliseconds(250)

    /// A worker on `loop`.
    ///
    /// - Parameters:
    ///   - loop: the loop to work on.
    ///   - configuration: timeouts and limits.
    ///   - board: the backends.
    ///   - account: the descriptors that clients and their backends may take together.
    ///   - backendFailed: told which backend failed, why, and whether the request may be at fault instead.
    ///   - noBackend: told that a client was turned away because no backend is alive.
    ///   - shortage: told the system's error number when this machine has nothing left for another connection.
    ///   - clientLeft: told that a client connection closed.
    public init(
        on loop: EventLoop,
        configuration: ServerConfiguration,
        board: BackendBoard,
        account: DescriptorAccount,
        backendFailed: @escaping (Backend, String, Bool) -> Void,
        noBackend: @escaping () -> Void,
        shortage: @escaping (Int32) -> Void,
        clientLeft: @escaping () -> Void
    ) {
        self.loop = loop
        self.account = account
        self.backendFailed = backendFailed
        self.clientLeft = clientLeft
        self.noBackend = noBackend
        self.shortage = shortage
        view = BackendView(of: board)
        pool = ConnectionPool(view)
        rules = WorkerRules(configuration)
        accessLog = AccessLog(rules.logFormat, counters: counters)
    }

    /// Goes on by other timeouts and limits; exchanges going on meet them at their next step.
    public func follow(_ configuration: ServerConfiguration) {
        rules = WorkerRules(configuration)
        accessLog.format = rules.logFormat
    }

    var timeouts: WorkerTimeouts { rules.timeouts }
    var headLimits: HeadLimits { rules.headLimits }
    var maxBody: Int { rules.maxBody }
    var retryAfter: Int { rules.retryAfter }
    var writesAccessLog: Bool { rules.writesAccessLog }

    /// The number of client connections open.
    public var clientCount: Int { clients.count }

    /// Makes the stream for a client that was accepted.
    public func makeClient(_ peer: SocketAddress?) -> ByteStream {
        ClientConnection(from: peer, worker: self)
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
        for client in Array(clients.values) { client.closeIfIdle() }
    }

    /// Tells upgraded connections that the server goes away, as far as it speaks their protocol.
    public func part() {
        for client in Array(clients.values) { client.part() }
    }

    /// The number of exchanges going on.
    public var exchangeCount: Int { clients.values.count { $0.isBusy } }

    /// Closes every client connection at once.
    public func cutAll() {
        for client in Array(clients.values) { client.cut() }
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
        while let exchange = spare {
            spare = exchange.nextSpare
            exchange.nextSpare = nil
        }
    }

    // MARK: Scarcity

    /// Closes the clients that have rested longest, a sixteenth of all at most.
    ///
    /// - Returns: how many were closed.
    public func closeRestingClients() -> Int {
        let now = loop.now.nanoseconds
        let latest = LoopTime(nanoseconds: now - min(now, Self.restLimit.nanoseconds))
        let resting = clients.values.filter { $0.hasRested(since: latest) }
        let longest = resting.sorted { $0.restStart < $1.restStart }.prefix(max(1, clients.count / 16))
        for client in longest { client.close() }
        return longest.count
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

    /// Takes over what changed on the board, and closes the tunnels to backends in maintenance.
    public func backendsChanged() {
        followBoard()
        for client in Array(clients.values) where client.isTunnelToMaintenance { client.endTunnel() }
    }

    @inline(never)
    private func takeBoard() {
        for gone in view.refresh() { pool.closeAll(to: gone) }
        for member in view.members where member.duty != .serving { pool.closeAll(to: member) }
    }

    // MARK: For clients and exchanges

    func register(_ client: ClientConnection) {
        clients[ObjectIdentifier(client)] = client
        counters.clientConnected()
        gauge.rise(to: crowd)
        makeRoom()
        account.take()
    }

    func unregister(_ client: ClientConnection) {
        clients[ObjectIdentifier(client)] = nil
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
        guard let exchange = spare else { return newExchange() }
        spare = exchange.nextSpare
        exchange.nextSpare = nil
        return exchange
    }

    /// Apart, because as a rule there is one at rest.
    @inline(never)
    private func newExchange() -> Exchange { Exchange(self) }

    /// Takes an exchange back that is over; it may serve again once the current callback has returned.
    func recycle(_ exchange: Exchange) {
        exchange.nextSpare = spare
        spare = exchange
        runningCount -= 1
        if gauge.isOver(at: crowd) { crowdLeft() }
    }

    func reportFailure(of backend: WorkerBackend, _ reason: String, isSuspicion: Bool) {
        backendFailed(backend.backend, reason, isSuspicion)
    }

    func reportNoBackend() { noBackend() }

    func reportShortage(_ code: Int32) { shortage(code) }
}
