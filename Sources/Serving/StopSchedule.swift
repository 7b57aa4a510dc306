internal import Events

/// The order of a stop: what happens when, from the first signal to the end of the process.
///
/// It knows no loop and no clock; whoever drives it says what time it is. From the first signal on, the cut comes after
/// the drain delay and the drain limit together, whoever takes over; a second signal brings it at once. After the cut
/// the workers have `endingLimit`, and then the process ends without them.
struct StopSchedule {
    /// Where the stop is.
    enum Stage: Equatable {
        /// No stop was asked for.
        case running
        /// It is found out whether other processes take over. To `.leaving` or `.draining`.
        case findingSuccessors
        /// Clients are let in. To `.findingSuccessorsAgain` when there are any, else to `.draining`.
        case leaving(hasSuccessors: Bool)
        /// The same once more, because sockets that began to listen meanwhile undid what was arranged. To `.draining`.
        case findingSuccessorsAgain
        /// What is under way finishes. To `.closingTunnels`.
        case draining
        /// The same, and upgraded connections are told. To `.cut`.
        case closingTunnels
        /// What is left is cut. To `.ended` when the workers do not end by themselves.
        case cut
        /// The process ends.
        case ended
    }

    /// What is to be done.
    enum Action: Equatable {
        /// Answers are the last ones on their connections from now on, and readiness fails.
        case announce
        /// Find the other processes on the ports, and report back.
        case findSuccessors
        /// Let clients in for so long, here or in the processes that take over.
        case leave(Duration, hasSuccessors: Bool)
        /// Close the listeners; what is under way has so long.
        case drain(Duration)
        /// Tell upgraded connections; they have so long.
        case closeTunnels(Duration)
        /// Cut what is left.
        case cut
        /// Wait for the workers no longer.
        case abandonWorkers
        /// Report back after so long, instead of when was said before.
        case wait(Duration)
    }

    /// What the operator wants of a stop.
    struct Limits: Equatable {
        /// How long clients are let in after the signal.
        var delay: Duration
        /// How long after that what is under way may take.
        var drain: Duration
    }

    private(set) var stage = Stage.running
    private var start = LoopTime(nanoseconds: 0)
    private var limits = Limits(delay: .zero, drain: .zero)
    /// How much of the drain limit the processes that take over cost.
    private var handOverCost = Duration.zero

    /// How long connections that were being made when another process took over may take to arrive here.
    static let handOverTime = Duration.seconds(1)
    /// How long before the cut upgraded connections are told, at most; a quarter of the drain limit if that is less.
    static let tunnelTime = Duration.seconds(5)
    /// How long the workers have to end after the cut.
    static let endingLimit = Duration.milliseconds(700)

    /// The operator asked for a stop.
    ///
    /// - Parameters:
    ///   - now: the present.
    ///   - limits: what the operator wants of it; those of the first signal hold.
    /// - Returns: what is to be done now.
    mutating func signalled(at now: LoopTime, _ limits: Limits) -> [Action] {
        switch stage {
        case .running:
            start = now
            self.limits = limits
            stage = .findingSuccessors
            return [.announce, .findSuccessors, .wait(findingLimit)]
        case .findingSuccessors, .leaving, .findingSuccessorsAgain, .draining, .closingTunnels: return cut()
        case .cut, .ended: return []
        }
    }

    /// It is known whether other processes take over.
    mutating func foundSuccessors(_ any: Bool, at now: LoopTime) -> [Action] {
        switch stage {
        case .findingSuccessors: leave(hasSuccessors: any, at: now)
        case .findingSuccessorsAgain: drain(at: now)
        case .running, .leaving, .draining, .closingTunnels, .cut, .ended: []
        }
    }

    /// The time of the last `wait` has passed.
    mutating func timePassed(at now: LoopTime) -> [Action] {
        switch stage {
        case .running, .ended: return []
        case .findingSuccessors: return leave(hasSuccessors: false, at: now)
        case .leaving(let hasSuccessors):
            guard hasSuccessors else { return drain(at: now) }
            stage = .findingSuccessorsAgain
            return [.findSuccessors, .wait(findingLimit)]
        case .findingSuccessorsAgain: return drain(at: now)
        case .draining:
            stage = .closingTunnels
            return [.closeTunnels(tunnelTime), .wait(timeLeft(at: now))]
        case .closingTunnels: return cut()
        case .cut:
            stage = .ended
            return [.abandonWorkers]
        }
    }

    private mutating func leave(hasSuccessors: Bool, at now: LoopTime) -> [Action] {
        let handOver = hasSuccessors ? min(Self.handOverTime, limits.drain / 2) : .zero
        let time = max(limits.delay, handOver)
        guard time > .zero else { return drain(at: now) }
        handOverCost = time - limits.delay
        stage = .leaving(hasSuccessors: hasSuccessors)
        return [.leave(time, hasSuccessors: hasSuccessors), .wait(max(.zero, time - elapsed(at: now)))]
    }

    private mutating func drain(at now: LoopTime) -> [Action] {
        stage = .draining
        let wait = max(.zero, timeLeft(at: now) - tunnelTime)
        return [.drain(limits.drain - handOverCost), .wait(wait)]
    }

    private mutating func cut() -> [Action] {
        stage = .cut
        return [.cut, .wait(Self.endingLimit)]
    }

    /// How long finding the other processes on the ports may take.
    private var findingLimit: Duration { max(.milliseconds(250), min(limits.drain / 8, .seconds(1))) }

    private var tunnelTime: Duration { min(limits.drain / 4, Self.tunnelTime) }

    private func elapsed(at now: LoopTime) -> Duration { .nanoseconds(Int64(now.nanoseconds(since: start))) }

    private func timeLeft(at now: LoopTime) -> Duration {
        max(.zero, limits.delay + limits.drain - elapsed(at: now))
    }
}
