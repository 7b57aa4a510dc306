internal import Events
internal import HealthChecks
internal import Logging
internal import Upstreams

/// What an operator may see, and the state of a backend he may change.
extension Supervisor {
    /// Why no client should be sent here, or `nil` when it is ready.
    var notReady: String? {
        switch control.phase {
        case .starting: return "starting"
        case .leaving, .draining, .parting, .cut: return "draining"
        case .open: break
        }
        if board.backends.contains(where: { $0.current.isAlive }) { return nil }
        return "no backend is alive: \(board.reasons())"
    }

    /// Has a backend do what the operator wants.
    ///
    /// - Returns: what it is to the balancer now.
    func assign(_ duty: BackendState.Duty, to backend: Backend) -> String {
        let before = backend.current.visible
        let now = loop.now
        board.change(backend) { $0.assign(duty, at: now) }
        prober.dutyChanged(of: backend)
        control.ringAll()
        let state = backend.current.visible
        if state != before { logger.notice("backend \(backend.name) \(state): the operator wants it") }
        return "\(state)"
    }
}
