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
    /// It takes the clients of both address families.
    private let isDualStack: Bool
    /// The sockets of other processes that listened there before.
    private let earlierSharers: Set<UInt64>

    /// Binds for every worker.
    ///
    /// - Parameters:
    ///   - address: where.
    ///   - id: what tells it from every other plan.
    ///   - workerCount: how many workers listen on it.
    ///   - sharesPorts: whether other processes of this user may listen there, too.
    ///   - present: what this process listens on already, which may cover the same address.
    /// - Throws: when another process listens there, or the system refuses.
    init(
        _ address: ListenAddress,
        id: Int,
        workerCount: Int,
        sharesPorts: Bool,
        beside present: [ListenPlan] = []
    ) throws(EventError) {
        configured = address
        self.id = id
        do {
            let binder = Binder(count: workerCount, sharesPorts: sharesPorts, present: present)
            (sockets, isDualStack) = try binder.bind(address)
        } catch {
            throw EventError("cannot listen on \(address)", code: error.code)
        }
        bound = sockets[0].address
        earlierSharers = sharesPorts ? PortSharers.listening(on: bound) : []
    }

    /// Where the sockets of other processes stand among all that share the port, if they can take over; `nil` when
    /// there are none, or it cannot be told.
    ///
    /// The system counts them in the order they began to listen, and moves the last one into the place of one that is
    /// closed. So who was there first comes first, as long as none has left, and whoever came later comes later.
    func successors() -> PortSuccessors? {
        let own = inodes
        let others = PortSharers.listening(on: bound, with: own).subtracting(own)
        guard !others.isEmpty else { return nil }
        if others.isDisjoint(with: earlierSharers) {
            return PortSuccessors(behind: own.count, count: others.count)
        }
        return others == earlierSharers ? PortSuccessors(before: others.count) : nil
    }

    /// Whether it takes the clients of `address`, unless another listener is there for that address alone.
    func covers(_ address: SocketAddress) -> Bool {
        bound.covers(address, isDualStack: isDualStack)
    }

    /// The numbers that the system knows its sockets by.
    private var inodes: Set<UInt64> { Set(sockets.map(\.inode)) }

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

    /// Binds the sockets of one plan.
    private struct Binder {
        let count: Int
        let sharesPorts: Bool
        let present: [ListenPlan]

        func bind(_ address: ListenAddress) throws(EventError) -> ([BoundSocket], isDualStack: Bool) {
            guard let host = address.host else {
                do {
                    let any = SocketAddress.any(port: address.port)
                    return (try bind(any, isDualStack: true), true)
                } catch  where error.isAddressFamilyMissing {
                    // A machine without IPv6 still has every address of the other family.
                    let any = SocketAddress(ip: .v4([0, 0, 0, 0]), port: address.port)
                    return (try bind(any, isDualStack: false), false)
                }
            }
            guard let literal = SocketAddress(literal: host, port: address.port) else {
                throw EventError("bind", code: 0)
            }
            return (try bind(literal, isDualStack: false), false)
        }

        private func bind(_ address: SocketAddress, isDualStack: Bool) throws(EventError) -> [BoundSocket] {
            if !sharesPorts { try expectFree(address, isDualStack: isDualStack) }
            // The sockets of the workers share the port, and those of a later plan that covers the same address.
            var sockets = [try BoundSocket(address, isDualStack: isDualStack, sharesPort: true)]
            // Where the kernel chose a port, the other workers share it.
            while sockets.count < count {
                sockets.append(
                    try BoundSocket(sockets[0].address, isDualStack: isDualStack, sharesPort: true)
                )
            }
            return sockets
        }

        /// Makes sure that no other process listens on `address`; a socket that shares its port would not notice.
        private func expectFree(_ address: SocketAddress, isDualStack: Bool) throws(EventError) {
            do {
                try BoundSocket.expectFree(address, isDualStack: isDualStack)
            } catch {
                // Sockets of this process in the way hide those of others, which the system lists.
                guard error.isAddressInUse, present.contains(where: { $0.bound.port == address.port }) else {
                    throw error
                }
                let own = present.reduce(into: Set<UInt64>()) { $0.formUnion($1.inodes) }
                let all = PortSharers.meeting(address, isDualStack: isDualStack, with: own)
                guard all.isSubset(of: own) else { throw error }
            }
        }
    }
}
