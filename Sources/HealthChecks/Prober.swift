public import Configuration
public import Events
public import Upstreams

/// Watches every backend, each on its own timer, and publishes who is alive.
///
/// Probes run on the loop's own event base, all of them at once if need be. Failures of traffic count like failures of
/// probes, so a dead backend goes down before its next probe is due.
public final class Prober {
    private let watches: [BackendWatch]

    /// A prober that has not begun.
    ///
    /// - Parameters:
    ///   - loop: the loop to run on.
    ///   - board: where the findings go.
    ///   - health: how to probe.
    ///   - resolver: looks up the backends that are known by name; `nil` when there are none.
    ///   - log: told each transition in one line.
    public init(
        on loop: EventLoop,
        board: BackendBoard,
        health: HealthConfiguration,
        resolver: NameResolver?,
        log: @escaping (String) -> Void
    ) {
        watches = board.backends.indices.map {
            BackendWatch(of: $0, on: loop, board: board, health: health, resolver: resolver, log: log)
        }
    }

    /// Looks at every backend now, and from then on at its cadence.
    ///
    /// - Parameter located: called once, when each name was looked up, be it in vain.
    public func start(_ located: @escaping () -> Void) {
        var missing = watches.count
        for watch in watches {
            watch.start {
                missing -= 1
                if missing == 0 { located() }
            }
        }
    }

    /// Stops looking.
    public func stop() {
        for watch in watches { watch.stop() }
    }

    /// Counts a failure of traffic against a backend.
    ///
    /// - Parameters:
    ///   - index: the backend.
    ///   - reason: what happened, in words.
    ///   - isSuspicion: the request may be at fault; the backend is looked at, and the failure counts once between
    ///     two probes at most.
    public func trafficFailed(_ index: Int, reason: String, isSuspicion: Bool) {
        watches[index].trafficFailed(reason, isSuspicion: isSuspicion)
    }
}
