/// How long each connection of a small server has waited for its peer, and which one goes first.
///
/// Times are nanoseconds of the loop's clock.
struct WaitingConnections<Connection: Hashable> {
    /// What one connection waits for.
    private struct Wait {
        let isForRequest: Bool
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
        waits[connection] = Wait(isForRequest: true, since: now, deadline: deadline)
        return deadline
    }

    /// The request is there; its answer has to be taken.
    ///
    /// - Returns: by when.
    mutating func beginAnswer(_ connection: Connection, at now: UInt64) -> UInt64 {
        let deadline = now + limits.answer.nanoseconds
        waits[connection] = Wait(isForRequest: false, since: now, deadline: deadline)
        return deadline
    }

    /// The answer is taken; the connection rests until its next request.
    ///
    /// - Returns: by when that has to be there.
    mutating func endAnswer(_ connection: Connection, at now: UInt64) -> UInt64 {
        let deadline = now + limits.rest.nanoseconds
        if waits[connection] != nil {
            waits[connection] = Wait(isForRequest: true, since: now, deadline: deadline)
        }
        return deadline
    }

    /// Forgets a connection that is closed.
    mutating func remove(_ connection: Connection) {
        waits[connection] = nil
    }

    /// The connection to give up for another one: the one that owes a request for longest, else the one that has not
    /// taken its answer for longest.
    var longestWaiting: Connection? {
        waits.min { left, right in
            left.value.isForRequest == right.value.isForRequest
                ? left.value.since < right.value.since : left.value.isForRequest
        }?.key
    }

    /// The first moment at which a connection is overdue.
    var nextDeadline: UInt64? { waits.values.map(\.deadline).min() }

    /// The connections that took longer than they may.
    func overdue(at now: UInt64) -> [Connection] {
        waits.filter { $0.value.deadline <= now }.map(\.key)
    }
}
