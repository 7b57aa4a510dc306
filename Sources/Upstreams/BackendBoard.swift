public import Balancing
public import Configuration
public import Events
internal import Synchronization

/// What is known of every backend: its address, whether it is alive and why not.
///
/// Written by the prober, read by every worker through a `BackendView`. Nothing here is touched for a request unless
/// something changed since the last one.
public final class BackendBoard: Sendable {
    /// The backends as configured, in the order the hash counts in.
    public let backends: [BackendAddress]

    private struct Entries: Sendable {
        var alive: AliveSet
        var addresses: [SocketAddress?]
        var reasons: [String]
    }

    private let entries: Mutex<Entries>
    private let version = Atomic<UInt64>(0)

    /// A board on which every backend is alive and every literal address is known.
    public init(_ backends: [BackendAddress]) {
        self.backends = backends
        entries = Mutex(
            Entries(
                alive: AliveSet(count: backends.count, allAlive: true),
                addresses: backends.map { SocketAddress(literal: $0.host, port: $0.port) },
                reasons: Array(repeating: "", count: backends.count)
            )
        )
    }

    /// Marks a backend as alive, or as down for `reason`.
    public func set(_ index: Int, alive: Bool, reason: String) {
        entries.withLock {
            $0.alive.set(index, alive: alive)
            $0.reasons[index] = alive ? "" : reason
        }
        version.add(1, ordering: .releasing)
    }

    /// Replaces the address of a backend that is known by name.
    public func set(_ index: Int, address: SocketAddress) {
        entries.withLock { $0.addresses[index] = address }
        version.add(1, ordering: .releasing)
    }

    /// The address of a backend, or `nil` while its name was never resolved.
    public func address(of index: Int) -> SocketAddress? {
        entries.withLock { $0.addresses[index] }
    }

    /// Why each backend that is down is down, for the log.
    public func reasons() -> String {
        entries.withLock { entries in
            backends.indices.filter { !entries.alive.contains($0) }
                .map { "\(backends[$0]) (\(entries.reasons[$0]))" }
                .joined(separator: ", ")
        }
    }

    fileprivate var currentVersion: UInt64 { version.load(ordering: .acquiring) }

    fileprivate func read() -> (alive: AliveSet, addresses: [SocketAddress?]) {
        entries.withLock { ($0.alive, $0.addresses) }
    }
}

/// One worker's copy of the board, refreshed when the board changed.
public final class BackendView {
    private let board: BackendBoard
    private var version: UInt64
    private var alive: AliveSet
    private var addresses: [SocketAddress?]

    /// A copy of `board`.
    public init(of board: BackendBoard) {
        self.board = board
        version = board.currentVersion
        (alive, addresses) = board.read()
    }

    /// Picks the backend for `key`, or `nil` when nobody is alive.
    public func pick(_ key: UInt32, by policy: IPHash) -> Int? {
        refresh()
        return policy.pick(key, among: alive)
    }

    /// Picks the next backend for `key` among those not tried yet.
    public func pick(_ key: UInt32, by policy: IPHash, excluding tried: AliveSet) -> Int? {
        refresh()
        return alive.first(from: policy.start(for: key), excluding: tried)
    }

    /// The address of a backend, or `nil` while its name was never resolved.
    public func address(of index: Int) -> SocketAddress? { addresses[index] }

    private func refresh() {
        let current = board.currentVersion
        guard current != version else { return }
        version = current
        (alive, addresses) = board.read()
    }
}
