internal import Configuration
internal import Events
internal import Upstreams

/// An upstream connection that passes its events to the exchange it serves.
final class UpstreamLink: UpstreamConnection {
    private unowned let worker: ProxyWorker
    private var exchange: Exchange?

    init(to backend: Int, for exchange: Exchange, worker: ProxyWorker) {
        self.worker = worker
        self.exchange = exchange
        super.init(to: backend, on: worker.loop)
    }

    /// Serves `exchange` from now on.
    func serve(_ exchange: Exchange) {
        self.exchange = exchange
    }

    /// Serves nobody from now on.
    func release() {
        exchange = nil
    }

    override func connected() {
        setWriteTimeout(worker.timeouts.read)
        exchange?.upstreamConnected()
    }

    override func connectFailed(_ code: Int32) {
        exchange?.upstreamConnectFailed(timedOut: code == SystemError.timedOut)
    }

    override func received(_ bytes: Span<UInt8>) -> Int {
        guard let exchange else {
            // Nothing was asked, so nothing that is said can be trusted.
            leaveIdle()
            return bytes.count
        }
        return exchange.responseBytes(bytes)
    }

    override func ended() {
        if let exchange { exchange.upstreamEnded() } else { leaveIdle() }
    }

    override func failed(_ code: Int32) {
        if let exchange { exchange.upstreamBroke() } else { leaveIdle() }
    }

    override func outputFailed(timedOut: Bool) {
        if let exchange { exchange.upstreamOutputFailed(timedOut: timedOut) } else { leaveIdle() }
    }

    override func drained() { exchange?.upstreamDrained() }

    override func deadlinePassed() {
        if let exchange { exchange.upstreamDeadlinePassed() } else { leaveIdle() }
    }

    override func leftWhileIdle() { worker.pool.remove(self) }
}
