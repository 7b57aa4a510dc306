internal import Events

/// One worker's idle connections, a stack for each backend: the one used last is the one used next, so that the rest
/// can expire (nginx and HAProxy do the same).
///
/// An idle connection is still being read, so one that the backend closes leaves the pool at once.
final class ConnectionPool {
    /// The idle connections of one backend, the one used last at the end.
    private final class Stack {
        var connections: [UpstreamConnection] = []
    }

    private let stacks: [Stack]
    private let idleLimit: LoopInterval
    private let capacity: Int
    /// The number of connections at rest.
    private(set) var count = 0

    /// How much earlier than the backend an idle connection is closed here, so that no request crosses its close.
    private static let margin = LoopInterval.milliseconds(500)

    /// An empty pool.
    ///
    /// - Parameters:
    ///   - backendCount: the number of backends.
    ///   - idleLimit: how long a connection may rest.
    ///   - capacity: how many connections to one backend may rest.
    init(backendCount: Int, idleLimit: LoopInterval = .seconds(60), capacity: Int = 1024) {
        stacks = (0..<backendCount).map { _ in Stack() }
        self.idleLimit = idleLimit
        self.capacity = capacity
    }

    /// Takes the connection to `backend` that was used last.
    ///
    /// - Returns: an open connection on which the backend has neither said anything nor closed, as far as is known
    ///   without waiting; `nil` when there is none.
    func take(_ backend: Int) -> UpstreamConnection? {
        let stack = stacks[backend]
        while !stack.connections.isEmpty {
            let connection = stack.connections.removeLast()
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
        let stack = stacks[connection.backend]
        guard limit > .zero, stack.connections.count < capacity else { return connection.close() }
        stack.connections.append(connection)
        count += 1
        connection.becomeIdle(limit: limit)
    }

    /// Forgets a connection that leaves by itself.
    func remove(_ connection: UpstreamConnection) {
        let stack = stacks[connection.backend]
        guard let index = stack.connections.lastIndex(where: { $0 === connection }) else { return }
        stack.connections.remove(at: index)
        count -= 1
    }

    /// Closes the connection that has rested longest at the backend with most of them, to free its descriptor.
    func closeOne() {
        guard let stack = stacks.max(by: { $0.connections.count < $1.connections.count }),
            let oldest = stack.connections.first
        else { return }
        remove(oldest)
        oldest.becomeBusy()
        oldest.close()
    }

    /// Closes every idle connection.
    func closeAll() {
        while count > 0 { closeOne() }
    }
}
