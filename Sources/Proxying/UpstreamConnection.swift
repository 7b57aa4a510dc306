internal import Configuration
internal import Events
internal import Observability

/// A connection to a backend: busy with one exchange, which gets its events, or idle in the pool.
final class UpstreamConnection: ByteStream {
    /// The backend it leads to.
    let backend: WorkerBackend
    private unowned let proxy: Proxy
    private var exchange: Exchange?
    private var isIdle = false
    private var isCounted = false
    private var isMade = false
    private var connectStart = LoopTime(nanoseconds: 0)

    init(to backend: WorkerBackend, for exchange: Exchange, proxy: Proxy) {
        self.backend = backend
        self.proxy = proxy
        self.exchange = exchange
        super.init(on: proxy.loop)
    }

    /// Serves `exchange` from now on.
    func serve(_ exchange: Exchange) {
        self.exchange = exchange
    }

    /// Connects on the worker's account of descriptors.
    ///
    /// - Throws: as `connect` does.
    func open(to address: SocketAddress, within limit: LoopInterval) throws(EventError) {
        proxy.makeRoom()
        connectStart = loop.now
        try connect(to: address, timeout: limit)
        isCounted = true
        proxy.upstreamOpened()
    }

    /// Serves no exchange from now on.
    func release() {
        exchange = nil
    }

    // MARK: Rest

    /// Goes idle for `limit` at most.
    func becomeIdle(limit: LoopInterval) {
        isIdle = true
        backend.counters.connectionRests()
        resumeReading()
        setDeadline(after: limit)
    }

    /// Comes back from the pool.
    func becomeBusy() {
        isIdle = false
        backend.counters.connectionWakes()
        clearDeadline()
    }

    /// Closes an idle connection that leaves by itself.
    private func leave() {
        guard isIdle else { return }
        proxy.pool.remove(self)
        becomeBusy()
        close()
    }

    // MARK: Events

    override func ready() {
        isMade = true
        backend.counters.connectionOpened(after: loop.now.nanoseconds(since: connectStart))
        setWriteTimeout(proxy.rules.read)
        exchange?.upstreamConnected()
    }

    override func connectFailed(_ code: Int32) {
        exchange?.upstreamConnectFailed(code)
    }

    override func received(_ bytes: Span<UInt8>) -> Int {
        guard let exchange else {
            // Nothing was asked, so nothing that is said can be trusted.
            leave()
            return bytes.count
        }
        return exchange.takeAnswer(bytes)
    }

    override func ended(_ end: InputEnd) {
        if let exchange { exchange.upstreamEnded(end) } else { leave() }
    }

    override func failed(_ code: Int32) {
        if let exchange { exchange.upstreamBroke() } else { leave() }
    }

    override func outputFailed(timedOut: Bool) {
        if let exchange { exchange.upstreamOutputFailed(timedOut: timedOut) } else { leave() }
    }

    override func drained() { exchange?.upstreamDrained() }

    override func didClose() {
        if isCounted { proxy.upstreamClosed() }
        if isMade { backend.counters.connectionClosed() }
    }

    override func didReceive(_ count: Int) { backend.counters.received(count) }

    override func didSend(_ count: Int) { backend.counters.sent(count) }

    override func deadlinePassed() {
        if let exchange { exchange.upstreamDeadlinePassed() } else { leave() }
    }
}
