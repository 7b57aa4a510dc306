internal import Configuration
internal import Events
internal import HealthChecks
internal import Logging
internal import Observability
internal import Upstreams

/// Another configuration in the place of the present one, without a client noticing.
extension Supervisor {
    /// Reads the configuration again and swaps it in; one that cannot be used changes nothing.
    func reload() {
        guard control.phase == .open else { return logger.notice("no reload while starting or stopping") }
        let resolution = reread()
        for warning in resolution.warnings { logger.warning("\(warning)") }
        switch resolution.outcome {
        case .failure(let failure): refuse(failure.errors.map(\.description))
        case .success(let wanted):
            do {
                try swap(to: wanted)
            } catch {
                refuse(["\(error)"])
            }
        }
    }

    /// Errors of one reload that the status shows; the log has all of them.
    private static let shownErrors = 10

    private func refuse(_ reasons: [String]) {
        reloads.failed += 1
        reloads.lastError = reasons.prefix(Self.shownErrors).joined(separator: "; ")
        for reason in reasons { logger.error("reload refused, nothing changed: \(reason)") }
    }

    /// Does first what may fail, and then everything at once.
    private func swap(to wanted: ServerConfiguration) throws(EventError) {
        let present = control.plan
        var next = present
        next.version += 1
        next.configuration = wanted
        // Threads and the sharing of ports are settled at the start.
        next.configuration.workers = present.configuration.workers
        next.configuration.sharesPorts = present.configuration.sharesPorts
        next.listeners = try listeners(for: next.configuration, keeping: present.listeners)
        let movesLog = wanted.accessLog != present.configuration.accessLog
        let log = movesLog ? try LogSwitch.open(wanted.accessLog) : nil
        try followAdmin(wanted.admin)
        let clients = budget.clients(wanted: wanted.limits.maxConnections)
        for warning in clients.warnings { logger.warning("\(warning)") }
        let (added, removed) = board.replace(wanted.backends.map { BackendConfiguration($0) })
        departed.removeAll { $0.traffic.inFlight == 0 }
        departed += removed
        prober.follow(wanted.health, added: added, removed: removed)
        if movesLog { accessLog.move(to: wanted.accessLog, log) }
        control.replace(next, maxConnections: clients.limit)
        style.follow(wanted)
        reloads.succeeded += 1
        reloads.lastSuccess = LoopTime.wallTime()
        reloads.lastError = nil
        let known = Set(present.listeners.map(\.id))
        for plan in next.listeners where !known.contains(plan.id) { logger.notice("\(plan.announcement)") }
        logger.notice("reloaded: \(ConfigurationChange(from: present.configuration, to: wanted).summary)")
    }

    /// The plans for what is wanted: those there are already as they are, the others bound anew.
    private func listeners(
        for wanted: ServerConfiguration,
        keeping present: [ListenPlan]
    ) throws(EventError) -> [ListenPlan] {
        var kept = present
        var plans: [ListenPlan] = []
        for address in wanted.listeners {
            if let index = kept.firstIndex(where: { $0.configured == address }) {
                plans.append(kept.remove(at: index))
                continue
            }
            plans.append(
                try ListenPlan(
                    address,
                    id: nextListenerID,
                    workerCount: workerCount,
                    sharesPorts: wanted.sharesPorts
                )
            )
            nextListenerID += 1
        }
        return plans
    }
}
