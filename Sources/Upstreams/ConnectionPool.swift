internal import Events

/// One worker's idle connections, a stack for each backend: the one used last is the one used next, so that the rest
/// can expire (nginx and HAProxy do the same).
///
/// An idle connection is still being read, so one that the backend closes leaves the pool at once.
public final class ConnectionPool<Connection: UpstreamConnection> {
    private var idle: [[Connection]]
    private let idleLimit: Duration
    private let capacity: Int

    /// An empty pool.
    ///
    /// - Parameters:
    ///   - backendCount: the number of backends.
    ///   - idleLimit: how long a connection may rest.
    ///   - capacity: how many connections to one backend may rest.
    public init(backendCount: Int, idleLimit: Duration = .seconds(60), capacity: Int = 1024) {
        idle = Array(repeating: [], count: backendCount)
        self.idleLimit = idleLimit
        self.capacity = capacity
    }

    /// The number of connections at rest.
    public var idleCount: Int { idle.reduce(0) { $0 + $1.count } }

    /// Takes the connection to `backend` that was used last.
    ///
    /// - Parameters:
    ///   - backend: the position of the backend.
    ///   - mustBeSilent: asks the system once more whether the backend closed it meanwhile, for a request that
    ///     cannot be sent twice.
    /// - Returns: an open connection, or `nil` when none is idle.
    public func take(_ backend: Int, mustBeSilent: Bool) -> Connection? {
        while let connection = idle[backend].popLast() {
            connection.becomeBusy()
            if mustBeSilent, !connection.isSilent() {
                connection.close()
                continue
            }
            return connection
        }
        return nil
    }

    /// Puts a connection back that is between two exchanges.
    ///
    /// - Parameters:
    ///   - connection: an open connection with nothing queued and nothing unread.
    ///   - backendLimit: how long the backend said it would wait (`Keep-Alive: timeout`), if it did.
    public func put(_ connection: Connection, backendLimit: Duration?) {
        // A request that crosses the backend's close is the loss a margin avoids.
        let limit = min(idleLimit, backendLimit.map { $0 - .milliseconds(500) } ?? idleLimit)
        guard limit > .zero, idle[connection.backend].count < capacity else { return connection.close() }
        idle[connection.backend].append(connection)
        connection.becomeIdle(limit: limit)
    }

    /// Forgets a connection that left by itself.
    public func remove(_ connection: Connection) {
        let backend = connection.backend
        guard let index = idle[backend].lastIndex(where: { $0 === connection }) else { return }
        idle[backend].remove(at: index)
    }

    /// Closes every idle connection.
    public func closeAll() {
        for backend in idle.indices {
            let connections = idle[backend]
            idle[backend] = []
            for connection in connections { connection.close() }
        }
    }
}
