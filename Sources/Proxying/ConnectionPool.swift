internal import Events
internal import Upstreams

/// One worker's idle connections, a stack for each backend: the one used last is the one used next, so that the rest
/// can expire (nginx and HAProxy do the same).
///
/// An idle connection is still being read, so one that the backend closes leaves the pool at once.
final class ConnectionPool {
    private let view: BackendView
    private let idleLimit: LoopInterval
    private let capacity: Int
    /// The number of connections at rest.
    private(set) var count = 0

    /// How much earlier than the backend an idle connection is closed here, so that no request crosses its close.
    private static let margin = LoopInterval.milliseconds(500)

    /// An empty pool.
    ///
    /// - Parameters:
    ///   - view: the backends, which hold the connections.
    ///   - idleLimit: how long a connection may rest.
    ///   - capacity: how many connections to one backend may rest.
    init(_ view: BackendView, idleLimit: LoopInterval = .seconds(60), capacity: Int = 1024) {
        self.view = view
        self.idleLimit = idleLimit
        self.capacity = capacity
    }

    /// Takes the connection to `backend` that was used last.
    ///
    /// - Returns: an open connection on which the backend has neither said anything nor closed, as far as is known
    ///   without waiting; `nil` when there is none.
    func take(_ backend: WorkerBackend) -> UpstreamConnection? {
        while !backend.idle.isEmpty {
            let connection = backend.idle.removeLast()
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
        backend.idle.append(connection)
        count += 1
        connection.becomeIdle(limit: limit)
    }

    /// Forgets a connection that leaves by itself.
    func remove(_ connection: UpstreamConnection) {
        let backend = connection.backend
        guard let index = backend.idle.lastIndex(where: { $0 === connection }) else { return }
        backend.idle.remove(at: index)
        count -= 1
    }

    /// Closes the connection that has rested longest at the backend with most of them, to free its descriptor.
    func closeOne() {
        guard let backend = view.members.max(by: { $0.idle.count < $1.idle.count }),
            let oldest = backend.idle.first
        else { return }
        close(oldest)
    }

    /// Closes every idle connection to `backend`.
    func closeAll(to backend: WorkerBackend) {
        while let last = backend.idle.last { close(last) }
    }

    /// Closes every idle connection.
    func closeAll() {
        for backend in view.members { closeAll(to: backend) }
    }

    private func close(_ connection: UpstreamConnection) {
        remove(connection)
        connection.becomeBusy()
        connection.close()
    }
}
