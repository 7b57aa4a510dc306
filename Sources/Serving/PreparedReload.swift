internal import Configuration
internal import Events

/// What a reload needs before it changes anything: the configuration, sockets that are bound, and the
/// access log.
///
/// It is made beside the loop, because files and the system's lists may take their time.
struct PreparedReload: Sendable {
    /// Why nothing is changed.
    struct Refusal: Error {
        /// A sentence each.
        let reasons: [String]
    }

    /// What is probably misspelt.
    let warnings: [ConfigurationWarning]
    /// What all are to run by from now on.
    let outcome: Result<Control.Plan, Refusal>
    /// Where the access log goes from now on, if it moves and is not turned off.
    private(set) var log: OutputSink?

    /// Opens and binds for what a configuration wants besides what is there already.
    ///
    /// - Parameters:
    ///   - resolution: the configuration, or what is wrong with it.
    ///   - present: what all run by now.
    ///   - workerCount: how many workers listen.
    ///   - firstListenerID: the number of the first new listener.
    init(
        _ resolution: ConfigurationBuilder.Resolution,
        beside present: Control.Plan,
        workerCount: Int,
        firstListenerID: Int
    ) {
        warnings = resolution.warnings
        switch resolution.outcome {
        case .failure(let failure):
            outcome = .failure(Refusal(reasons: failure.errors.map(\.description)))
        case .success(let wanted):
            var next = present
            next.version += 1
            next.configuration = wanted
            // Threads and the sharing of ports are settled at the start.
            next.configuration.workers = present.configuration.workers
            next.configuration.sharesPorts = present.configuration.sharesPorts
            do throws(EventError) {
                next.listeners = try Self.listeners(next.configuration, present, workerCount, firstListenerID)
                let kept = Set(next.listeners.map(\.id))
                next.formerListeners = present.listeners.filter { !kept.contains($0.id) }
                if wanted.accessLog != present.configuration.accessLog {
                    log = try LogSwitch.open(wanted.accessLog)
                }
                outcome = .success(next)
            } catch {
                outcome = .failure(Refusal(reasons: ["\(error)"]))
            }
        }
    }

    /// The plans for what is wanted: those there are already as they are, the others bound anew.
    private static func listeners(
        _ wanted: ServerConfiguration,
        _ present: Control.Plan,
        _ workerCount: Int,
        _ firstID: Int
    ) throws(EventError) -> [ListenPlan] {
        var kept = present.listeners
        var plans: [ListenPlan] = []
        var id = firstID
        for address in wanted.listeners {
            if let index = kept.firstIndex(where: { $0.configured == address }) {
                plans.append(kept.remove(at: index))
                continue
            }
            plans.append(
                try ListenPlan(
                    address,
                    id: id,
                    workerCount: workerCount,
                    sharesPorts: wanted.sharesPorts,
                    beside: present.listeners + present.formerListeners
                )
            )
            id += 1
        }
        return plans
    }
}
