internal import Configuration
internal import Discovery

/// When a backend is looked at again, and when its name is.
enum ProbeCadence {
    /// The pauses of a changing and of a down backend, unless the steady interval is shorter (HAProxy's `fastinter`
    /// and `downinter`).
    private static let transitionInterval = Duration.seconds(2)
    private static let downInterval = Duration.seconds(5)

    /// The pause before the next probe, without the jitter.
    static func pause(_ health: HealthConfiguration, _ cadence: HealthStateMachine.Cadence) -> Duration {
        switch cadence {
        case .steady: health.interval
        case .transition: min(health.interval, transitionInterval)
        case .down: min(health.interval, downInterval)
        }
    }

    /// The pauses between look-ups of a name: as often as probes, between one second and ten.
    static func nameLookUps(_ health: HealthConfiguration) -> FollowedName.Cadence {
        let least = Duration.seconds(1)
        let steady = health.isProbing ? min(max(health.interval, least), .seconds(10)) : .seconds(10)
        return FollowedName.Cadence(steady: steady, failing: min(steady, downInterval), least: least)
    }
}
