/// When a backend counts as up or down: so many results of a kind in a row.
///
/// One result of the other kind starts the count anew, so a backend that fails now and then stays up, and one that
/// succeeds now and then stays down.
public struct HealthStateMachine: Sendable, Equatable {
    /// What is known of the backend.
    public enum State: Sendable, Equatable {
        /// It gets traffic; so many failures in a row speak against it.
        case up(failures: Int)
        /// It gets none; so many successes in a row speak for it.
        case down(successes: Int)
    }

    /// How often to look.
    public enum Cadence: Sendable, Equatable {
        /// Nothing is changing.
        case steady
        /// The last result contradicts the state.
        case transition
        /// The backend is down.
        case down
    }

    /// What is known of the backend.
    public private(set) var state = State.up(failures: 0)

    private var rise: Int
    private var fall: Int

    /// A machine that takes the backend for alive until `fall` failures in a row say otherwise.
    ///
    /// - Parameters:
    ///   - rise: successes in a row that bring a backend back; at least 1.
    ///   - fall: failures in a row that take it out; at least 1.
    public init(rise: Int, fall: Int) {
        self.rise = rise
        self.fall = fall
    }

    /// Counts to other numbers from now on; what was counted stays.
    public mutating func follow(rise: Int, fall: Int) {
        self.rise = rise
        self.fall = fall
    }

    /// Whether the backend gets traffic.
    public var isUp: Bool {
        if case .up = state { true } else { false }
    }

    /// How often to look.
    public var cadence: Cadence {
        switch state {
        case .up(failures: 0): .steady
        case .up: .transition
        case .down(successes: 0): .down
        case .down: .transition
        }
    }

    /// Takes a good result.
    ///
    /// - Returns: whether the backend just came up.
    public mutating func succeeded() -> Bool {
        switch state {
        case .up: state = .up(failures: 0)
        case .down(let successes) where successes + 1 >= rise:
            state = .up(failures: 0)
            return true
        case .down(let successes): state = .down(successes: successes + 1)
        }
        return false
    }

    /// Takes a bad result, of a probe or of traffic.
    ///
    /// - Returns: whether the backend just went down.
    public mutating func failed() -> Bool {
        switch state {
        case .down: state = .down(successes: 0)
        case .up(let failures) where failures + 1 >= fall:
            state = .down(successes: 0)
            return true
        case .up(let failures): state = .up(failures: failures + 1)
        }
        return false
    }

    /// Takes a sign that something is wrong: it counts like a bad result, but it does not decide.
    public mutating func doubted() {
        if case .up(let failures) = state, failures + 1 < fall { state = .up(failures: failures + 1) }
    }

    /// Takes the backend out at once, because it cannot even be looked at.
    public mutating func becameUnreachable() {
        state = .down(successes: 0)
    }

    /// Gives the backend the trust of a new one, because it can be looked at for the first time.
    public mutating func becameReachable() {
        state = .up(failures: 0)
    }
}
