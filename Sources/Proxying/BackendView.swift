internal import Balancing
internal import Events
internal import Observability
internal import Upstreams

/// One worker's side of a backend: its idle connections, and where it stands at the moment.
final class WorkerBackend {
    /// The backend that all workers share.
    let backend: Backend
    /// The address as text, `host:port`.
    let name: String
    /// What this worker counts about it.
    let counters: BackendCounters
    /// Where connections go, or `nil` while the name was never resolved.
    fileprivate(set) var address: SocketAddress?
    /// What the operator wants of it.
    fileprivate(set) var duty = BackendState.Duty.serving
    /// Where it stands in the order the hash counts in; `nil` once a reload has taken it out.
    fileprivate(set) var position: Int?
    /// The connections at rest, the one used last at the end.
    var idle: [UpstreamConnection] = []

    fileprivate init(_ backend: Backend) {
        self.backend = backend
        name = backend.name
        counters = backend.makeCounters()
    }
}

/// One worker's copy of the board, refreshed when the board changed.
final class BackendView {
    /// The backends in the order the hash counts in.
    private(set) var members: [WorkerBackend] = []
    /// Moves on when the order itself changes.
    private(set) var generation: UInt64 = 0

    private let board: BackendBoard
    private var version: UInt64 = 0
    private var alive = AliveSet(count: 0, allAlive: false)
    private var policy = IPHash(backendCount: 1)

    /// A copy of `board`.
    init(of board: BackendBoard) {
        self.board = board
        _ = take(board.read())
    }

    /// Picks the backend for `key`, or `nil` when nobody is alive.
    func pick(_ key: UInt32) -> WorkerBackend? {
        guard let position = policy.pick(key, among: alive) else { return nil }
        return members[position]
    }

    /// Picks the next backend for `key` among those not tried yet.
    func pick(_ key: UInt32, excluding tried: AliveSet) -> WorkerBackend? {
        guard let position = alive.first(from: policy.start(for: key), excluding: tried) else { return nil }
        return members[position]
    }

    /// Whether `backend` is the one that the hash says, whoever is alive.
    func isHome(_ backend: WorkerBackend, of key: UInt32) -> Bool {
        backend.position == policy.start(for: key)
    }

    /// Whether the board has changed since the last refresh.
    var isStale: Bool { board.version != version }

    /// Takes over what changed.
    ///
    /// - Returns: the backends that a reload has taken out.
    func refresh() -> [WorkerBackend] { take(board.read()) }

    private func take(_ reading: BackendBoard.Reading) -> [WorkerBackend] {
        version = reading.version
        alive = reading.alive
        var removed: [WorkerBackend] = []
        if reading.generation != generation || members.isEmpty {
            generation = reading.generation
            removed = adopt(reading.order)
        }
        for (position, member) in members.enumerated() {
            member.address = reading.addresses[position]
            member.duty = reading.duties[position]
        }
        return removed
    }

    private func adopt(_ order: [Backend]) -> [WorkerBackend] {
        var known = Dictionary(uniqueKeysWithValues: members.map { (ObjectIdentifier($0.backend), $0) })
        members = order.map { known.removeValue(forKey: ObjectIdentifier($0)) ?? WorkerBackend($0) }
        for (position, member) in members.enumerated() { member.position = position }
        for member in known.values { member.position = nil }
        policy = IPHash(backendCount: members.count)
        return Array(known.values)
    }
}
