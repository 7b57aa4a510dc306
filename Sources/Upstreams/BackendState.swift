public import Events
public import Observability

/// What is known of a backend.
public struct BackendState: Sendable {
    /// What the watch over a backend finds.
    public enum Health: Sendable {
        /// A probe has vouched for it, or nothing is probed.
        case up
        /// It is taken for healthy, and no probe has vouched for it yet.
        case trial
        /// It failed too often in a row.
        case down
        /// Its name has no address.
        case unresolved
    }

    /// What an operator wants of a backend.
    public enum Duty: Sendable {
        /// It serves as long as it is healthy.
        case serving
        /// It finishes what it has and gets nothing new.
        case drain
        /// It is out altogether: tunnels are closed, and nothing is probed.
        case maintenance
    }

    /// What a backend is to the balancer: its health, unless the operator wants something else.
    public enum Standing: Sendable, Hashable, CaseIterable {
        /// It gets traffic.
        case up
        /// It gets traffic, and no probe has vouched for it yet.
        case trial
        /// It failed too often in a row.
        case down
        /// Its name has no address.
        case unresolved
        /// An operator lets it finish and sends it nothing new.
        case drain
        /// An operator took it out altogether.
        case maintenance

        /// Whether it gets new requests.
        public var isAlive: Bool { self == .up || self == .trial }
    }

    /// Who brought a change about.
    public enum Cause: Sendable, Hashable, CaseIterable {
        /// Probes, or that nothing is probed any more.
        case probe
        /// Failures of requests.
        case traffic
        /// Its name got an address or has none.
        case nameLookup
        /// The operator.
        case `operator`
    }

    /// One kind of change.
    public struct Transition: Sendable, Hashable {
        /// The standing that began.
        public let to: Standing
        /// Who brought it about.
        public let cause: Cause

        /// A kind of change from its parts.
        public init(to: Standing, cause: Cause) {
            self.to = to
            self.cause = cause
        }
    }

    /// What its probes came to.
    public struct ProbeCounts: Sendable {
        /// Probes that were answered as wanted.
        public private(set) var good: UInt64 = 0
        /// Probes that failed.
        public private(set) var bad: UInt64 = 0
        /// How long they took, from connect to the head of the answer or the failure.
        public private(set) var duration = HistogramTotals(.probe)

        /// Counts a probe that was answered as wanted after so long.
        public mutating func succeeded(after nanoseconds: UInt64) {
            good += 1
            duration.record(nanoseconds)
        }

        /// Counts a probe that failed after so long.
        public mutating func failed(after nanoseconds: UInt64) {
            bad += 1
            duration.record(nanoseconds)
        }
    }

    /// What the watch found.
    public private(set) var health = Health.trial
    /// What the operator wants.
    public private(set) var duty = Duty.serving
    /// Why it is not healthy, in words; empty when it is.
    public private(set) var reason = ""
    /// Where connections go, or `nil` while the name was never resolved.
    public var address: SocketAddress?
    /// Since when it has its standing.
    public private(set) var since: LoopTime
    /// When it is probed again; `nil` when no probe is planned or one is on its way.
    public var nextProbe: LoopTime?
    /// What its probes came to.
    public var probes = ProbeCounts()
    /// How often each kind of change happened.
    public private(set) var transitions: [Transition: UInt64] = [:]

    init(address: SocketAddress?, since: LoopTime) {
        self.address = address
        self.since = since
    }

    /// What the backend is to the balancer.
    public var standing: Standing {
        switch duty {
        case .serving:
            switch health {
            case .up: .up
            case .trial: .trial
            case .down: .down
            case .unresolved: .unresolved
            }
        case .drain: .drain
        case .maintenance: .maintenance
        }
    }

    /// Whether it gets new requests.
    public var isAlive: Bool { standing.isAlive }

    /// Takes a finding of the watch.
    ///
    /// - Parameters:
    ///   - health: what it found.
    ///   - reason: why it is not healthy, in words.
    ///   - cause: what it goes by.
    ///   - now: the present.
    public mutating func found(_ health: Health, reason: String = "", cause: Cause, at now: LoopTime) {
        let before = standing
        self.health = health
        self.reason = reason
        note(before, cause: cause, at: now)
    }

    /// Takes the operator's wish.
    public mutating func assign(_ duty: Duty, at now: LoopTime) {
        let before = standing
        self.duty = duty
        note(before, cause: .operator, at: now)
    }

    private mutating func note(_ before: Standing, cause: Cause, at now: LoopTime) {
        guard standing != before else { return }
        since = now
        transitions[Transition(to: standing, cause: cause), default: 0] += 1
    }
}
