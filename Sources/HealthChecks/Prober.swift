public import Configuration
internal import Discovery
public import Events
public import Observability
public import Upstreams

/// Watches every backend, each on its own timer, and publishes who is alive.
///
/// Probes run on the loop's own event base, all of them at once if need be. Failures of traffic count like failures of
/// probes, so a dead backend goes down before its next probe is due.
public final class Prober {
    private let surroundings: BackendWatch.Surroundings
    private var resolver: NameResolver?
    private var health: HealthConfiguration
    private var watches: [ObjectIdentifier: BackendWatch] = [:]
    private var isStopped = false

    /// A prober that has not begun.
    ///
    /// - Parameters:
    ///   - loop: the loop to run on.
    ///   - board: where the findings go.
    ///   - health: how to probe.
    ///   - log: told each transition in one line.
    ///   - report: told what kept a look from being taken, and a line about it; each time it happens.
    ///   - backendWentDown: told that the board says so of one more backend.
    /// - Throws: when the system has nothing left to look names up with.
    public init(
        on loop: EventLoop,
        board: BackendBoard,
        health: HealthConfiguration,
        log: @escaping (String) -> Void,
        report: @escaping (Fault, String) -> Void,
        backendWentDown: @escaping () -> Void
    ) throws(EventError) {
        surroundings = BackendWatch.Surroundings(
            loop: loop,
            board: board,
            log: log,
            report: report,
            backendWentDown: backendWentDown
        )
        self.health = health
        for backend in board.backends { try add(backend) }
    }

    private func add(_ backend: Backend) throws(EventError) {
        let isNamed = !backend.address.isLiteral
        if isNamed, resolver == nil { resolver = try NameResolver(on: surroundings.loop) }
        watches[ObjectIdentifier(backend)] = BackendWatch(
            backend,
            in: surroundings,
            health: health,
            resolver: isNamed ? resolver : nil
        )
    }

    /// Looks at every backend now, and from then on at its cadence.
    ///
    /// - Parameter located: called once, when each name was looked up, be it in vain.
    public func start(_ located: @escaping () -> Void) {
        var missing = watches.count
        for backend in surroundings.board.backends {
            watches[ObjectIdentifier(backend)]?.start {
                missing -= 1
                if missing == 0 { located() }
            }
        }
    }

    /// Goes on with the backends that the board has now, and by other rules.
    ///
    /// - Parameters:
    ///   - health: how to probe.
    ///   - added: the backends that are new.
    ///   - removed: the backends that are gone.
    public func follow(_ health: HealthConfiguration, added: [Backend], removed: [Backend]) {
        guard !isStopped else { return }
        self.health = health
        for backend in removed { watches.removeValue(forKey: ObjectIdentifier(backend))?.stop() }
        for watch in watches.values { watch.follow(health) }
        for backend in added {
            do {
                try add(backend)
                watches[ObjectIdentifier(backend)]?.start {}
            } catch {
                surroundings.log("backend \(backend.name) cannot be watched: \(error)")
            }
        }
    }

    /// Follows what the operator wants of a backend.
    public func dutyChanged(of backend: Backend) {
        watches[ObjectIdentifier(backend)]?.dutyChanged()
    }

    /// Stops looking.
    public func stop() {
        isStopped = true
        for watch in watches.values { watch.stop() }
    }

    /// Takes what a request that went wrong says against a backend.
    public func take(_ evidence: TrafficEvidence, against backend: Backend) {
        watches[ObjectIdentifier(backend)]?.take(evidence)
    }
}
