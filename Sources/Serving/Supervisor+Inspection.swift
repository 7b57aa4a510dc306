internal import Configuration
internal import Events
internal import HealthChecks
internal import Logging
internal import Observability
internal import Upstreams

/// What an operator may see, and the state of a backend he may change.
extension Supervisor {
    /// Why no client should be sent here, or `nil` when it is ready.
    var notReady: String? {
        switch control.phase {
        case .starting: return "starting"
        case .leaving, .draining, .closingTunnels, .cut: return "draining"
        case .open: break
        }
        if board.backends.contains(where: { $0.current.isAlive }) { return nil }
        return "no backend is alive: \(board.reasons())"
    }

    /// Everything at this moment.
    func snapshot() -> ServerSnapshot {
        var snapshot = ServerSnapshot()
        let now = LoopTime.current()
        snapshot.version = SwerveVersion.current
        snapshot.now = LoopTime.wallTime()
        snapshot.started = started
        snapshot.phase = phase
        snapshot.notReady = notReady
        snapshot.workers = workerCount
        snapshot.listeners = control.plan.listeners.map(\.url)
        snapshot.backends = backendSnapshots(at: now)
        snapshot.clients = control.clientTotals
        snapshot.maxClients = control.maxConnections
        snapshot.reloads = reloads
        snapshot.droppedLogLines = snapshot.clients.droppedLogLines
        snapshot.faults = control.faults.counters.totals
        let process = ProcessStatistics()
        snapshot.process.cpuSeconds = process.cpuSeconds
        snapshot.process.residentBytes = process.residentBytes
        snapshot.process.virtualBytes = process.virtualBytes
        snapshot.process.openDescriptors = process.openDescriptors
        snapshot.process.maxDescriptors = process.maxDescriptors
        return snapshot
    }

    private var phase: ServerSnapshot.Phase {
        switch control.phase {
        case .starting: .starting
        case .open: .running
        case .leaving: .leaving
        case .draining, .closingTunnels, .cut: .draining
        }
    }

    private func backendSnapshots(at now: LoopTime) -> [BackendSnapshot] {
        departed.removeAll { $0.traffic.inFlight == 0 }
        let present = board.backends.enumerated().map { snapshot(of: $1, at: $0, now) }
        return present + departed.map { snapshot(of: $0, at: nil, now) }
    }

    private func snapshot(of backend: Backend, at position: Int?, _ now: LoopTime) -> BackendSnapshot {
        let state = backend.current
        var snapshot = BackendSnapshot()
        snapshot.name = backend.name
        snapshot.position = position
        snapshot.state = BackendSnapshot.State(state.standing)
        snapshot.reason = state.reason
        snapshot.age = Double(now.nanoseconds(since: state.since)) / 1e9
        snapshot.nextProbe = state.nextProbe.map { Double($0.nanoseconds(since: now)) / 1e9 }
        if !backend.address.isLiteral { snapshot.resolved = state.address?.text }
        snapshot.health = HealthTotals(state)
        snapshot.traffic = backend.traffic
        return snapshot
    }

    /// Has a backend do what the operator wants.
    ///
    /// - Returns: what it is to the balancer now, in the word of the status page.
    func assign(_ duty: BackendState.Duty, to backend: Backend) -> String {
        let before = backend.current.standing
        let now = loop.now
        board.change(backend) { $0.assign(duty, at: now) }
        prober.dutyChanged(of: backend)
        control.ringAll()
        let standing = backend.current.standing
        let word = BackendSnapshot.State(standing).rawValue
        if standing != before { logger.notice("backend \(backend.name) \(word): the operator wants it") }
        return word
    }
}
