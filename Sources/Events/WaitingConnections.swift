/// How long each connection of a small server has waited for its peer, and which one goes first.
///
/// Times are nanoseconds of the loop's clock.
struct WaitingConnections<Connection: Hashable> {
    /// What one connection waits for.
    private struct Wait {
        let since: UInt64
        let deadline: UInt64
    }

    /// What peers may take.
    let limits: LocalHTTPServer.Limits
    private var waits: [Connection: Wait] = [:]

    init(_ limits: LocalHTTPServer.Limits) {
        self.limits = limits
    }

    /// How many connections there are.
    var count: Int { waits.count }

    /// All connections, in no order.
    var all: some Sequence<Connection> { waits.keys }

    /// Takes a new connection, which has to send a request.
    ///
    /// - Returns: by when.
    mutating func accept(_ connection: Connection, at now: UInt64) -> UInt64 {
        let deadline = now + limits.request.nanoseconds
        waits[connection] = Wait(since: now, deadline: deadline)
        return deadline
    }

    /// The request is there; its answer has to be taken.
    ///
    /// - Returns: by when.
    mutating func beginAnswer(_ connection: Connection, at now: UInt64) -> UInt64 {
        let deadline = now + limits.answer.nanoseconds
        waits[connection] = Wait(since: now, deadline: deadline)
        return deadline
    }

    /// The answer is taken; the connection rests until its next request.
    ///
    /// - Returns: by when that has to be there.
    mutating func endAnswer(_ connection: Connection, at now: UInt64) -> UInt64 {
        let deadline = now + limits.rest.nanoseconds
        if waits[connection] != nil {
            waits[connection] = Wait(since: now, deadline: deadline)
        }
        return deadline
    }

    /// Forgets a connection that is closed.
    mutating func remove(_ connection: Connection) {
        waits[connection] = nil
    }

    /// The connection to give up for another one: the one that has waited longest, be it for a request or for its answer
    /// to be taken.
    ///
    /// Whoever has just come has waited least, whatever the others wait for.
    var longestWaiting: Connection? { waits.min { $0.value.since < $1.value.since }?.key }

    /// The first moment at which a connection is overdue.
    var nextDeadline: UInt64? { waits.values.map(\.deadline).min() }

    /// The connections that took longer than they may.
    func overdue(at now: UInt64) -> [Connection] {
        waits.filter { $0.value.deadline <= now }.map(\.key)
    }
}
