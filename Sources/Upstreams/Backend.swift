public import Configuration
public import Events
public import Observability
internal import Synchronization

/// One backend: who it is, and what the watch over it and the operator say of it.
///
/// It outlives reloads of the configuration that keep it. Written by the thread that probes, read by every other one;
/// for a request nothing is read here, see `BackendBoard`.
public final class Backend: Sendable {
    /// The address as configured.
    public let address: BackendAddress
    /// The address as text, `host:port`.
    public let name: String

    private let state: Mutex<BackendState>
    private let counters = Mutex<[BackendCounters]>([])

    /// A backend that is taken for alive, at its literal address if it has one.
    public init(_ address: BackendAddress) {
        self.address = address
        name = address.description
        let literal = SocketAddress(literal: address.host, port: address.port)
        state = Mutex(BackendState(address: literal, since: LoopTime.current()))
    }

    /// Makes counters for one more worker.
    public func makeCounters() -> BackendCounters {
        let made = BackendCounters()
        counters.withLock { $0.append(made) }
        return made
    }

    /// What its traffic counts, over all workers.
    public var traffic: BackendTotals {
        var totals = BackendTotals()
        for worker in counters.withLock({ $0 }) { worker.add(to: &totals) }
        return totals
    }

    /// What is known, at this moment.
    public var current: BackendState { state.withLock { $0 } }

    /// Changes what is known; `BackendBoard.change` is for whatever workers have to hear of.
    public func update(_ body: (inout BackendState) -> Void) {
        state.withLock { body(&$0) }
    }
}

/// What is known of a backend.
public struct BackendState: Sendable {
    /// What an operator wants of a backend.
    public enum Duty: Sendable {
        /// It serves as long as it is healthy.
        case serving
        /// It finishes what it has and gets nothing new.
        case drain
        /// It is out altogether: tunnels are closed, and nothing is probed.
        case maintenance
    }

    /// What the watch found: `.up`, `.trial`, `.down` or `.dns`.
    public private(set) var health = BackendSnapshot.State.trial
    /// What the operator wants.
    public private(set) var duty = Duty.serving
    /// Why it is not healthy, in words; empty when it is.
    public private(set) var reason = ""
    /// Where connections go, or `nil` while the name was never resolved.
    public var address: SocketAddress?
    /// Since when it is in the state it is in.
    public private(set) var since: LoopTime
    /// When it is looked at again.
    public var nextProbe: LoopTime?
    /// What the watch counts.
    public var totals = HealthTotals()

    init(address: SocketAddress?, since: LoopTime) {
        self.address = address
        self.since = since
    }

    /// What the backend is to the balancer.
    public var visible: BackendSnapshot.State {
        switch duty {
        case .serving: health
        case .drain: .drain
        case .maintenance: .maintenance
        }
    }

    /// Whether it gets new requests.
    public var isAlive: Bool { visible.isAlive }

    /// Takes a finding of the watch.
    ///
    /// - Parameters:
    ///   - health: what it found.
    ///   - reason: why, in words.
    ///   - cause: why, in one word of the closed list of `HealthTotals.Transition`.
    ///   - now: the present.
    public mutating func found(
        _ health: BackendSnapshot.State,
        reason: String = "",
        cause: String,
        at now: LoopTime
    ) {
        let before = visible
        self.health = health
        self.reason = reason
        note(before, cause: cause, at: now)
    }

    /// Takes the operator's wish.
    public mutating func assign(_ duty: Duty, at now: LoopTime) {
        let before = visible
        self.duty = duty
        note(before, cause: "operator", at: now)
    }

    private mutating func note(_ before: BackendSnapshot.State, cause: String, at now: LoopTime) {
        guard visible != before else { return }
        since = now
        totals.transitions[HealthTotals.Transition(to: visible, reason: cause), default: 0] += 1
    }
}
