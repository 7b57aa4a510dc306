internal import Configuration
internal import Events

/// One address to accept clients on, with a bound socket for each worker.
struct ListenPlan: Sendable {
    /// The address as configured.
    let configured: ListenAddress
    /// Where it is bound, with the port that the kernel chose if none was asked for.
    let bound: SocketAddress
    /// What tells it from every other plan of the process.
    let id: Int

    private let sockets: [BoundSocket]
    /// The sockets of other processes that listened there before.
    private let elders: Set<UInt64>

    /// Binds for every worker.
    ///
    /// - Parameters:
    ///   - address: where.
    ///   - id: what tells it from every other plan.
    ///   - workerCount: how many workers listen on it.
    ///   - sharesPorts: whether other processes of this user may listen there, too.
    /// - Throws: when somebody else listens there, or nobody can.
    init(_ address: ListenAddress, id: Int, workerCount: Int, sharesPorts: Bool) throws(EventError) {
        configured = address
        self.id = id
        do {
            sockets = try Self.bind(address, count: workerCount, sharesPorts: sharesPorts)
        } catch {
            throw EventError("cannot listen on \(address)", code: error.code)
        }
        bound = sockets[0].address
        elders = sharesPorts ? PortSharers.listening(on: bound) : []
    }

    /// Where the sockets of other processes stand among all that share the port, if they can take over; `nil` when
    /// there are none, or nobody can tell.
    ///
    /// The system counts them in the order they began to listen, and moves the last one into the place of one that is
    /// closed. So who was there first comes first, as long as nobody left, and whoever came later comes later.
    func successors() -> PortSuccessors? {
        guard sockets[0].sharesPort else { return nil }
        let own = Set(sockets.map(\.inode))
        let others = PortSharers.listening(on: bound).subtracting(own)
        guard !others.isEmpty else { return nil }
        if others.isDisjoint(with: elders) { return PortSuccessors(behind: own.count, count: others.count) }
        return others == elders ? PortSuccessors(before: others.count) : nil
    }

    /// The socket of the worker at `index`.
    func socket(for index: Int) -> BoundSocket { sockets[index] }

    /// The line that tells where clients are accepted.
    var announcement: String {
        configured.host == nil
            ? "listening on http://127.0.0.1:\(bound.port) and every other address of this machine"
            : "listening on \(url)"
    }

    /// The address as a URL for people.
    var url: String { configured.url(port: bound.port) }

    private static func bind(
        _ address: ListenAddress,
        count: Int,
        sharesPorts: Bool
    ) throws(EventError) -> [BoundSocket] {
        guard let host = address.host else {
            do {
                let any = SocketAddress.any(port: address.port)
                return try bind(any, isDualStack: true, count: count, sharesPorts: sharesPorts)
            } catch  where error.isAddressFamilyMissing {
                // A machine without IPv6 still has every address of the other family.
                let any = SocketAddress(ip: .v4([0, 0, 0, 0]), port: address.port)
                return try bind(any, isDualStack: false, count: count, sharesPorts: sharesPorts)
            }
        }
        guard let literal = SocketAddress(literal: host, port: address.port) else {
            throw EventError("bind", code: 0)
        }
        return try bind(literal, isDualStack: false, count: count, sharesPorts: sharesPorts)
    }

    private static func bind(
        _ address: SocketAddress,
        isDualStack: Bool,
        count: Int,
        sharesPorts: Bool
    ) throws(EventError) -> [BoundSocket] {
        if !sharesPorts { try BoundSocket.expectFree(address, isDualStack: isDualStack) }
        let isShared = sharesPorts || count > 1
        var sockets = [try BoundSocket(address, isDualStack: isDualStack, sharesPort: isShared)]
        // Where the kernel chose a port, the other workers share it.
        while sockets.count < count {
            sockets.append(
                try BoundSocket(sockets[0].address, isDualStack: isDualStack, sharesPort: isShared)
            )
        }
        return sockets
    }
}
