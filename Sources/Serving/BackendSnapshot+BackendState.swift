internal import Observability
internal import Upstreams

/// What is known of backends in the words of metrics and of the status page.
extension BackendSnapshot.State {
    /// The word for a backend's standing.
    init(_ standing: BackendState.Standing) {
        switch standing {
        case .up: self = .up
        case .trial: self = .trial
        case .down: self = .down
        case .unresolved: self = .dns
        case .drain: self = .drain
        case .maintenance: self = .maintenance
        }
    }
}

extension HealthTotals {
    /// What the watch over a backend has counted.
    init(_ state: BackendState) {
        self.init()
        good = state.probes.good
        bad = state.probes.bad
        duration = state.probes.duration
        for (transition, count) in state.transitions {
            transitions[Transition(to: .init(transition.to), reason: .init(transition.cause))] = count
        }
    }
}

extension HealthTotals.Reason {
    /// The word for what brought a change about.
    init(_ cause: BackendState.Cause) {
        switch cause {
        case .probe: self = .probe
        case .traffic: self = .traffic
        case .nameLookup: self = .dns
        case .operator: self = .operator
        }
    }
}
