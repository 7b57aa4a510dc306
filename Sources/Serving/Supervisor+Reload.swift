internal import Configuration
internal import Events
internal import HealthChecks
internal import Logging
internal import Observability
internal import Proxying
internal import Upstreams

/// Another configuration in the place of the present one, without a client noticing.
extension Supervisor {
    /// Reads the configuration again and swaps it in; one that cannot be used changes nothing.
    ///
    /// Reading and binding may block, so they are done beside the loop. A reload that is asked for meanwhile follows.
    func reload() {
        // What was read at the start may be older than the file.
        if control.phase == .starting { return isReloadPending = true }
        guard control.phase == .open else { return logger.notice("no reload while stopping") }
        guard reloadTask?.isRunning == false else { return isReloadPending = true }
        let (reread, present, id) = (reread, control.plan, nextListenerID)
        let workerCount = workerCount
        let isStarted = reloadTask?.start {
            PreparedReload(reread(), beside: present, workerCount: workerCount, firstListenerID: id)
        }
        if isStarted != true { refuse(["the system has no thread left to read the configuration on"]) }
    }

    /// Swaps in what was prepared, unless the process stops meanwhile.
    func finishReload(_ prepared: PreparedReload) {
        guard control.phase == .open else { return logger.notice("no reload while stopping") }
        for warning in prepared.warnings { logger.warning("\(warning)") }
        switch prepared.outcome {
        case .failure(let refusal): refuse(refusal.reasons)
        case .success(let plan):
            do {
                try swap(to: plan, prepared.log)
            } catch {
                refuse(["\(error)"])
            }
        }
        reloadAgainIfAsked()
    }

    /// Reloads if that was asked for while it was not possible.
    func reloadAgainIfAsked() {
        guard isReloadPending else { return }
        isReloadPending = false
        reload()
    }

    /// Errors of one reload that the status shows; the log has all of them.
    private static let shownErrors = 10

    private func refuse(_ reasons: [String]) {
        reloads.failed += 1
        reloads.lastError = reasons.prefix(Self.shownErrors).joined(separator: "; ")
        for reason in reasons { logger.error("reload refused, nothing changed: \(reason)") }
    }

    /// Does first what may fail, and then everything at once.
    private func swap(to next: Control.Plan, _ log: OutputSink?) throws(EventError) {
        let present = control.plan
        let wanted = next.configuration
        try followAdmin(wanted.admin)
        budget.follow(backendCount: wanted.backends.count)
        account.change(limit: budget.forTraffic)
        let clients = budget.clients(wanted: wanted.limits.maxConnections)
        for warning in clients.warnings { logger.warning("\(warning)") }
        let (added, removed) = board.replace(wanted.backends.map { BackendConfiguration($0) })
        departed.removeAll { $0.traffic.inFlight == 0 }
        departed += removed
        prober.follow(wanted.health, added: added, removed: removed)
        if wanted.accessLog != present.configuration.accessLog {
            accessLog.move(to: wanted.accessLog, log)
        }
        nextListenerID = max(nextListenerID, (next.listeners.map(\.id).max() ?? 0) + 1)
        control.replace(next, maxConnections: clients.limit)
        style.follow(wanted)
        reloads.succeeded += 1
        reloads.lastSuccess = LoopTime.wallTime()
        reloads.lastError = nil
        let known = Set(present.listeners.map(\.id))
        for plan in next.listeners where !known.contains(plan.id) { logger.notice("\(plan.announcement)") }
        logger.notice("reloaded: \(ConfigurationChange(from: present.configuration, to: wanted).summary)")
    }
}
