internal import Balancing
internal import Events
internal import Observability
internal import Upstreams

/// One worker's copy of the board, refreshed when the board changed.
final class BackendView {
    /// What a refresh found.
    struct Changes {
        /// The backends that a reload has taken out.
        var removed: [WorkerBackend] = []
        /// The backends that no longer get requests because they are down.
        var down: [WorkerBackend] = []
    }

    /// The backends in the order the hash counts in.
    private(set) var members: [WorkerBackend] = []
    /// Moves on when the order itself changes.
    private(set) var generation: UInt64 = 0

    private let board: BackendBoard
    private var version: UInt64 = 0
    private var alive = AliveSet(count: 0, allAlive: false)
    private var policy = IPHash(backendCount: 1)
    /// Some backend may be passed over at the moment.
    private var hasPauses = false

    /// A copy of `board`.
    init(of board: BackendBoard) {
        self.board = board
        _ = take(board.read())
    }

    /// Picks the backend for `key`, or `nil` when none is alive.
    func pick(_ key: UInt32, now: LoopTime) -> WorkerBackend? {
        if hasPauses, let backend = pickAmongReachable(key, excluding: nil, now) { return backend }
        guard let position = policy.pick(key, among: alive) else { return nil }
        return members[position]
    }

    /// Picks the next backend for `key` among those not tried yet.
    func pick(_ key: UInt32, excluding tried: AliveSet, now: LoopTime) -> WorkerBackend? {
        if hasPauses, let backend = pickAmongReachable(key, excluding: tried, now) { return backend }
        guard let position = alive.first(from: policy.start(for: key), excluding: tried) else { return nil }
        return members[position]
    }

    /// Has `backend` passed over for a while, as long as another one is alive.
    func passOver(_ backend: WorkerBackend, now: LoopTime) {
        backend.passOver(at: now)
        hasPauses = true
    }

    /// Picks among those that are not passed over.
    @inline(never)
    private func pickAmongReachable(_ key: UInt32, excluding tried: AliveSet?, _ now: LoopTime)
        -> WorkerBackend?
    {
        var excluded = tried ?? AliveSet(count: members.count, allAlive: false)
        var isAnyPaused = false
        for (position, member) in members.enumerated() where now < member.pauseEnd {
            excluded.insert(position)
            isAnyPaused = true
        }
        hasPauses = isAnyPaused
        return alive.first(from: policy.start(for: key), excluding: excluded).map { members[$0] }
    }

    /// Whether `backend` is the one that the hash says, whoever is alive.
    func isHome(_ backend: WorkerBackend, of key: UInt32) -> Bool {
        backend.position == policy.start(for: key)
    }

    /// Whether the board has changed since the last refresh.
    var isStale: Bool { board.version != version }

    /// Takes over what changed.
    func refresh() -> Changes { take(board.read()) }

    private func take(_ reading: BackendBoard.Reading) -> Changes {
        version = reading.version
        var changes = Changes()
        let wereAlive = members.enumerated().filter { alive.contains($0.offset) }.map(\.element)
        alive = reading.alive
        if reading.generation != generation || members.isEmpty {
            generation = reading.generation
            changes.removed = adopt(reading.order)
        }
        for (position, member) in members.enumerated() {
            member.follow(reading.addresses[position], reading.duties[position])
        }
        changes.down = wereAlive.filter { member in
            guard let position = member.position else { return false }
            return !alive.contains(position) && member.duty == .serving
        }
        return changes
    }

    private func adopt(_ order: [Backend]) -> [WorkerBackend] {
        var known = Dictionary(uniqueKeysWithValues: members.map { (ObjectIdentifier($0.backend), $0) })
        members = order.map { known.removeValue(forKey: ObjectIdentifier($0)) ?? WorkerBackend($0) }
        for (position, member) in members.enumerated() { member.stand(at: position) }
        for member in known.values { member.stand(at: nil) }
        policy = IPHash(backendCount: members.count)
        return Array(known.values)
    }
}
