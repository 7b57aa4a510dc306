internal import Events
internal import Upstreams

/// One worker's idle connections, a stack for each backend: the one used last is the one used next, so that the rest
/// can expire (nginx and HAProxy do the same).
///
/// An idle connection is still being read, so one that the backend closes leaves the pool at once. Of those that were
/// not needed for some seconds half are closed, so that a burst's connections do not stay.
final class ConnectionPool {
    private let view: BackendView
    private let loop: EventLoop
    private let idleLimit: LoopInterval
    private let capacity: Int
    private let trimInterval: Duration
    private var trimTimer: Timer?
    private var isTrimming = false
    /// The number of connections at rest.
    private(set) var count = 0

    /// How much earlier than the backend an idle connection is closed here, so that no request crosses its close.
    private static let margin = LoopInterval.milliseconds(500)

    /// An empty pool.
    ///
    /// - Parameters:
    ///   - view: the backends, which hold the connections.
    ///   - loop: the loop of the connections.
    ///   - idleLimit: how long a connection may rest.
    ///   - capacity: how many connections to one backend may rest.
    ///   - trimInterval: how often half of the connections not needed since the last time are closed.
    init(
        _ view: BackendView,
        on loop: EventLoop,
        idleLimit: LoopInterval = .seconds(60),
        capacity: Int = 1024,
        trimInterval: Duration = .seconds(5)
    ) {
        self.view = view
        self.loop = loop
        self.idleLimit = idleLimit
        self.capacity = capacity
        self.trimInterval = trimInterval
    }

    /// Takes the connection to `backend` that was used last.
    ///
    /// - Returns: an open connection on which the backend has neither said anything nor closed, as far as is known
    ///   without waiting; `nil` when there is none.
    func take(_ backend: WorkerBackend) -> UpstreamConnection? {
        while let connection = backend.idle.takeLast() {
            count -= 1
            connection.becomeBusy()
            if connection.isSilent() { return connection }
            connection.close()
        }
        return nil
    }

    /// Puts a connection back that is between two exchanges.
    ///
    /// - Parameters:
    ///   - connection: an open connection with nothing queued and nothing unread.
    ///   - backendLimit: how long the backend said it would wait (`Keep-Alive: timeout`), if it did.
    func put(_ connection: UpstreamConnection, backendLimit: LoopInterval?) {
        let limit = backendLimit.map { min(idleLimit, $0 - Self.margin) } ?? idleLimit
        let backend = connection.backend
        guard limit > .zero, backend.idle.count < capacity, backend.position != nil,
            backend.duty == .serving
        else {
            return connection.close()
        }
        backend.idle.put(connection)
        count += 1
        connection.becomeIdle(limit: limit)
        if !isTrimming { startTrimming() }
    }

    /// Forgets a connection that leaves by itself.
    func remove(_ connection: UpstreamConnection) {
        if connection.backend.idle.remove(connection) { count -= 1 }
    }

    /// Closes the connection that has rested longest at the backend with most of them, to free its descriptor.
    func closeOne() {
        guard let backend = view.members.max(by: { $0.idle.count < $1.idle.count }) else { return }
        close(backend.idle.takeOldest(1))
    }

    /// Closes every idle connection to `backend`.
    func closeAll(to backend: WorkerBackend) { close(backend.idle.takeOldest(backend.idle.count)) }

    /// Closes every idle connection.
    func closeAll() {
        for backend in view.members { closeAll(to: backend) }
    }

    private func close(_ connections: [UpstreamConnection]) {
        count -= connections.count
        for connection in connections {
            connection.becomeBusy()
            connection.close()
        }
    }

    // MARK: After a burst

    @inline(never)
    private func startTrimming() {
        isTrimming = true
        for backend in view.members { backend.idle.beginWatch() }
        if trimTimer == nil { trimTimer = Timer(on: loop) { [unowned self] in trim() } }
        trimTimer?.start(after: trimInterval)
    }

    private func trim() {
        isTrimming = false
        for backend in view.members { close(backend.idle.takeOldest(backend.idle.unneeded / 2)) }
        if count > 0 { startTrimming() }
    }
}

/// The connections to one backend that rest, the one used last at the end.
struct IdleConnections {
    private var members: [UpstreamConnection] = []
    /// How many of them were not needed since the watch began.
    private(set) var unneeded = 0

    /// How many there are.
    var count: Int { members.count }

    /// Counts anew how many are not needed.
    mutating func beginWatch() { unneeded = members.count }

    /// Puts one to rest.
    mutating func put(_ connection: UpstreamConnection) { members.append(connection) }

    /// Takes the one used last.
    mutating func takeLast() -> UpstreamConnection? {
        guard let last = members.popLast() else { return nil }
        unneeded = min(unneeded, members.count)
        return last
    }

    /// Takes those that have rested longest.
    mutating func takeOldest(_ wanted: Int) -> [UpstreamConnection] {
        let taken = Array(members.prefix(wanted))
        members.removeFirst(taken.count)
        unneeded = min(unneeded, members.count)
        return taken
    }

    /// Takes out one that leaves by itself.
    ///
    /// - Returns: whether it was there.
    mutating func remove(_ connection: UpstreamConnection) -> Bool {
        guard let index = members.lastIndex(where: { $0 === connection }) else { return false }
        members.remove(at: index)
        unneeded = min(unneeded, members.count)
        return true
    }
}
