public import Balancing
public import Configuration
public import Events
internal import Synchronization

/// Which backends there are, in which order, and who of them is alive.
///
/// Written by the thread that probes and reloads, read by every worker when the version has moved on. Nothing here is
/// touched for a request unless something changed since the last one.
public final class BackendBoard: Sendable {
    /// What a worker copies.
    public struct Reading: Sendable {
        /// Moves on with every change.
        public var version: UInt64 = 0
        /// Moves on when the order itself changes, by a reload.
        public var generation: UInt64 = 0
        /// The backends in the order the hash counts in.
        public var order: [Backend]
        /// Who gets new requests, by position.
        public var alive: AliveSet
        /// Where connections go, by position.
        public var addresses: [SocketAddress?]
        /// What the operator wants, by position.
        public var duties: [BackendState.Duty]
    }

    private let reading: Mutex<Reading>
    private let latest = Atomic<UInt64>(0)

    /// A board on which every backend with a literal address is alive.
    public init(_ configurations: [BackendConfiguration]) {
        let order = configurations.map { Backend($0) }
        var first = Reading(
            order: order,
            alive: AliveSet(count: order.count, allAlive: true),
            addresses: [],
            duties: []
        )
        first.refresh()
        reading = Mutex(first)
    }

    /// The number of the last change; `read` gives what it belongs to.
    public var version: UInt64 { latest.load(ordering: .acquiring) }

    /// A copy of everything.
    public func read() -> Reading { reading.withLock { $0 } }

    /// The backends in the order the hash counts in.
    public var backends: [Backend] { reading.withLock { $0.order } }

    /// Changes what is known of a backend and has every worker look.
    public func change(_ backend: Backend, _ body: (inout BackendState) -> Void) {
        reading.withLock { reading in
            backend.update(body)
            reading.refresh()
            publish(&reading)
        }
    }

    /// Puts other backends in the place of the present ones.
    ///
    /// A backend whose address and name are still wanted keeps everything that is known of it.
    ///
    /// - Returns: the backends that are new and those that are gone.
    public func replace(_ configurations: [BackendConfiguration]) -> (added: [Backend], removed: [Backend]) {
        reading.withLock { reading in
            guard configurations != reading.order.map(\.configuration) else { return ([], []) }
            var present = Dictionary(uniqueKeysWithValues: reading.order.map { ($0.address, $0) })
            var added: [Backend] = []
            reading.order = configurations.map { configuration in
                if let known = present[configuration.address], known.isSame(under: configuration) {
                    present[configuration.address] = nil
                    known.follow(configuration)
                    return known
                }
                let backend = Backend(configuration)
                added.append(backend)
                return backend
            }
            let removed = present.values.sorted { $0.name < $1.name }
            reading.alive = AliveSet(count: reading.order.count, allAlive: true)
            reading.generation += 1
            reading.refresh()
            publish(&reading)
            return (added, removed)
        }
    }

    /// Why each backend that gets nothing new does not, for the log.
    public func reasons() -> String {
        backends.compactMap { backend in
            let state = backend.current
            if state.isAlive { return nil }
            return "\(backend.name) (\(state.duty == .serving ? state.reason : "\(state.duty)"))"
        }
        .joined(separator: ", ")
    }

    private func publish(_ reading: inout Reading) {
        reading.version += 1
        latest.store(reading.version, ordering: .releasing)
    }
}

extension BackendBoard.Reading {
    /// Takes over what is known of each backend.
    fileprivate mutating func refresh() {
        addresses = []
        duties = []
        for (position, backend) in order.enumerated() {
            let state = backend.current
            if state.isAlive, state.address != nil { alive.insert(position) } else { alive.remove(position) }
            addresses.append(state.address)
            duties.append(state.duty)
        }
    }
}
