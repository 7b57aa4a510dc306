/// What one worker counts about one backend: moved on by the worker's thread alone, read by any.
public final class BackendCounters: Sendable {
    private let requests: InlineArray<40, Counter> = InlineArray { _ in Counter() }
    private let retries: InlineArray<5, Counter> = InlineArray { _ in Counter() }
    private let duration = HistogramCounter()
    private let connect = HistogramCounter()
    private let header = HistogramCounter()
    private let inFlight = Gauge()
    private let tunnels = Gauge()
    private let idle = Gauge()
    private let active = Gauge()
    private let opened = Counter()
    private let reused = Counter()
    private let receivedBytes = Counter()
    private let sentBytes = Counter()
    private let spilled = Counter()

    /// Nothing counted yet.
    public init() {}

    // MARK: Exchanges

    /// An exchange goes to this backend, `isSpilled` when the client's own is another one.
    public func attemptBegan(isSpilled: Bool) {
        inFlight.move(by: 1)
        if isSpilled { spilled.add() }
    }

    /// An exchange left this backend and is tried again, here or elsewhere.
    public func attemptFailed(_ reason: RetryReason) {
        inFlight.move(by: -1)
        retries[reason.rawValue].add()
    }

    /// An exchange ended at this backend.
    ///
    /// - Parameters:
    ///   - method: of the request.
    ///   - status: what the client got, or 499.
    ///   - nanoseconds: from the first byte of the request to the last of the answer.
    public func exchangeEnded(_ method: MethodLabel, status: Int, nanoseconds: UInt64) {
        inFlight.move(by: -1)
        requests[method.rawValue * StatusClass.allCases.count + StatusClass(status).rawValue].add()
        duration.record(nanoseconds)
    }

    /// The final head of an answer came so long after the connection was there for the request.
    public func headCame(after nanoseconds: UInt64) { header.record(nanoseconds) }

    /// An exchange became a tunnel.
    public func tunnelOpened() { tunnels.move(by: 1) }

    /// A tunnel ended.
    public func tunnelClosed() { tunnels.move(by: -1) }

    // MARK: Connections

    /// A connection was made, which took so long; it counts as active.
    public func connectionOpened(after nanoseconds: UInt64) {
        connect.record(nanoseconds)
        opened.add()
        active.move(by: 1)
    }

    /// A connection went to rest.
    public func connectionRests() {
        active.move(by: -1)
        idle.move(by: 1)
    }

    /// A connection came back from its rest.
    public func connectionWakes() {
        idle.move(by: -1)
        active.move(by: 1)
    }

    /// A connection that came back from its rest serves an exchange.
    public func connectionReused() { reused.add() }

    /// A connection that was at work closed.
    public func connectionClosed() { active.move(by: -1) }

    /// Bytes came from the backend.
    public func received(_ count: Int) { receivedBytes.add(UInt64(count)) }

    /// Bytes were sent to the backend.
    public func sent(_ count: Int) { sentBytes.add(UInt64(count)) }

    // MARK: Reading

    /// Adds what was counted to `totals`; from any thread.
    public func add(to totals: inout BackendTotals) {
        for index in requests.indices { totals.requests[index] += requests[index].value }
        for index in retries.indices { totals.retries[index] += retries[index].value }
        duration.add(to: &totals.duration)
        connect.add(to: &totals.connect)
        header.add(to: &totals.header)
        totals.inFlight += inFlight.value
        totals.tunnels += tunnels.value
        totals.idleConnections += idle.value
        totals.activeConnections += active.value
        totals.opened += opened.value
        totals.reused += reused.value
        totals.received += receivedBytes.value
        totals.sent += sentBytes.value
        totals.spilled += spilled.value
    }
}
