internal import Configuration
internal import Events
internal import HealthChecks
internal import Logging
internal import Observability
internal import Proxying
internal import Upstreams

/// One run of the server, seen from the first thread: starts the workers, watches the backends, obeys signals.
///
/// No client is served on its loop, so that what may take a while there, such as rendering the metrics, costs none of
/// them anything, and a worker that hangs does not silence it. `+Reload` puts another configuration in the place of this
/// one, `+Inspection` tells what an operator may see.
final class Supervisor {
    let loop: EventLoop
    let logger: Logger
    let style: OperationalStyle
    let control: Control
    let board: BackendBoard
    let prober: Prober
    var budget: DescriptorBudget
    let accessLog: LogSwitch
    let workerCount: Int
    /// When the process began to serve, in seconds since 1970.
    let started = LoopTime.wallTime()
    /// Reads the configuration again from where it came.
    let reread: @Sendable () -> ConfigurationBuilder.Resolution
    var reloads = ReloadTotals()
    /// The number of the next listener.
    var nextListenerID = 0
    /// Backends that a reload took out and that may have work left.
    var departed: [Backend] = []
    /// Reads the configuration and binds for a reload.
    var reloadTask: BackgroundTask<PreparedReload>?
    /// Another reload was asked for while one is being prepared.
    var isReloadPending = false
    let account: DescriptorAccount
    private let blueprint: Worker.Blueprint
    private var admin: AdminListener?
    private var mailbox: Wakeup?
    private var signals: [SignalWatcher] = []
    /// Opens the run although some backends' names are not known yet.
    private var locatingTimer: Timer?
    private var schedule = StopSchedule()
    private var stopTimer: Timer?
    /// Finds the processes that take over.
    private var successorTask: BackgroundTask<[Int: PortSuccessors]>?
    private let backstop = ProcessBackstop()
    private var hasAbandonedWorkers = false
    private var readyCount = 0
    private var endedCount = 0
    private var cutCount = 0
    private var areBackendsLocated = false
    private var failure: EventError?
    private var noBackendMessages = RateLimit(.seconds(10))

    /// How long the first look-up of the backends' names may hold clients back.
    private static let locatingLimit = Duration.seconds(2)
    /// The exit status of a stop that did not let everything finish.
    private static let cutStatus: Int32 = 2
    /// How long after the time of a stop is over the process ends although its first thread does not answer.
    private static let backstopDelay = Duration.milliseconds(900)

    /// Wires everything and binds what is listened on.
    ///
    /// - Throws: what could not be started, in words.
    init(
        _ configuration: ServerConfiguration,
        on loop: EventLoop,
        logger: Logger,
        style: OperationalStyle,
        reread: @escaping @Sendable () -> ConfigurationBuilder.Resolution
    ) throws(EventError) {
        self.loop = loop
        self.logger = logger
        self.style = style
        self.reread = reread
        workerCount = configuration.workers ?? ProcessorCount.available()
        budget = DescriptorBudget(backendCount: configuration.backends.count, workerCount: workerCount)
        let clients = budget.clients(wanted: configuration.limits.maxConnections)
        for warning in clients.warnings { logger.warning("\(warning)") }
        var plan = Control.Plan(configuration: configuration, listeners: [])
        for address in configuration.listeners {
            plan.listeners.append(
                try ListenPlan(
                    address,
                    id: nextListenerID,
                    workerCount: workerCount,
                    sharesPorts: configuration.sharesPorts
                )
            )
            nextListenerID += 1
        }
        let faults = FaultLog(logger)
        LibraryWarnings.deliver { warning in faults.report(.library) { _ in "libevent: \(warning)" } }
        let control = Control(plan, maxConnections: clients.limit, faults: faults)
        self.control = control
        board = BackendBoard(configuration.backends.map { BackendConfiguration($0) })
        prober = try Prober(
            on: loop,
            board: board,
            health: configuration.health,
            log: { logger.notice("\($0)") },
            report: { fault, message in faults.report(fault) { _ in message } },
            backendWentDown: { control.ringAll() }
        )
        accessLog = try LogSwitch(configuration.accessLog, logger: logger)
        account = DescriptorAccount(limit: budget.forTraffic) { control.ringAll() }
        blueprint = Worker.Blueprint(
            board: board,
            control: control,
            account: account,
            sink: accessLog.sink,
            logger: logger
        )
        let mailbox = try Wakeup(on: loop) { [unowned self] in readReports() }
        self.mailbox = mailbox
        control.reports.deliver(to: mailbox.bell)
        reloadTask = try BackgroundTask(on: loop) { [unowned self] in finishReload($0) }
        successorTask = try BackgroundTask(on: loop) { [unowned self] in found($0) }
        reloads.lastSuccess = started
        if configuration.admin.listener != nil { try followAdmin(configuration.admin) }
    }

    /// Runs until everything is stopped.
    ///
    /// - Returns: the process's exit status.
    func runUntilStopped() -> Int32 {
        signals = [.terminate, .interrupt, .quit].map { signal in
            SignalWatcher(signal, on: loop) { [unowned self] in stop() }
        }
        signals.append(SignalWatcher(.hangUp, on: loop) { [unowned self] in reload() })
        signals.append(SignalWatcher(.user1, on: loop) { [accessLog] in accessLog.reopen() })
        // What other servers upgrade themselves at must not end this one.
        signals.append(
            SignalWatcher(.user2, on: loop) { [logger] in logger.notice("SIGUSR2 does nothing here") }
        )
        ServerSignals.release()
        // Clients wait in the system's queue until the backends' names were looked up, but not for a name server that
        // does not answer.
        locatingTimer = Timer(on: loop) { [unowned self] in backendsLocated() }
        locatingTimer?.start(after: Self.locatingLimit)
        prober.start { [unowned self] in backendsLocated() }
        startWorker(0)
        if failure == nil { loop.run() }
        backstop.disarm()
        // One more signal must not take the exit status from a process that has stopped.
        ServerSignals.hold()
        loop.removeTurnEnds()
        if let failure {
            logger.error("\(failure)")
            return 1
        }
        return cutCount == 0 && !hasAbandonedWorkers ? 0 : Self.cutStatus
    }

    /// Opens, moves or closes the admin listener.
    ///
    /// - Throws: when it cannot listen there; then it stays where it was.
    func followAdmin(_ admin: AdminConfiguration) throws(EventError) {
        guard admin.listener != nil else { return self.admin = nil }
        guard let present = self.admin else {
            return self.admin = try AdminListener(admin, of: self)
        }
        try present.move(to: admin)
    }

    // MARK: Starting

    private func backendsLocated() {
        areBackendsLocated = true
        openIfReady()
    }

    /// Starts the next worker; one at a time, because libevent sets some of its globals for each base anew.
    private func startWorker(_ index: Int) {
        let blueprint = blueprint
        do {
            try SystemThread.start {
                do throws(EventError) {
                    let loop = try EventLoop()
                    let worker = try Worker(index, blueprint, on: loop)
                    withExtendedLifetime(worker) { loop.run() }
                } catch {
                    blueprint.control.reports.send(.failed(error))
                }
            }
        } catch {
            fail(error)
        }
    }

    private func openIfReady() {
        guard areBackendsLocated, readyCount == workerCount, control.phase == .starting else { return }
        locatingTimer?.cancel()
        control.advance(to: .open)
        for plan in control.plan.listeners { logger.notice("\(plan.announcement)") }
        if let admin { logger.notice("\(admin.announcement)") }
        reloadAgainIfAsked()
    }

    private func fail(_ error: EventError) {
        failure = error
        loop.stop()
    }

    // MARK: Reports

    private func readReports() {
        for report in control.reports.takeAll() {
            switch report {
            case .ready:
                readyCount += 1
                if readyCount < workerCount { startWorker(readyCount) } else { openIfReady() }
            case .failed(let error): fail(error)
            case .traffic(let report): take(report)
            case .listenFailed(let error): logger.error("a worker does not listen: \(error)")
            case .ended(let cut): workerEnded(cut: cut)
            }
        }
    }

    private func take(_ report: Proxy.Report) {
        switch report {
        case .unreachable(let backend, let reason): prober.take(.unreachable(reason), against: backend)
        case .suspected(let backend, let reason): prober.take(.suspected(reason), against: backend)
        case .mute(let backend): prober.take(.mute, against: backend)
        case .noBackend: reportNoBackend()
        case .shortage: break
        }
    }

    private func reportNoBackend() {
        guard noBackendMessages.passes(at: loop.now) else { return }
        logger.error("no backend is alive, clients get 503: \(board.reasons())")
    }

    private func workerEnded(cut: Int) {
        endedCount += 1
        cutCount += cut
        guard endedCount == readyCount else { return }
        if cutCount > 0 {
            logger.warning("stopped: exchanges cut: \(cutCount)")
        } else {
            logger.notice("stopped")
        }
        loop.stop()
    }

    // MARK: Stopping

    private func stop() {
        guard control.phase != .starting else { return loop.stop() }
        let timeouts = control.plan.configuration.timeouts
        let limits = StopSchedule.Limits(delay: timeouts.drainDelay, drain: timeouts.drain)
        if schedule.stage == .running { armBackstop(after: limits.delay + limits.drain) }
        perform(schedule.signalled(at: .current(), limits))
    }

    private func armBackstop(after time: Duration) {
        backstop.arm(after: time + Self.backstopDelay, status: Self.cutStatus)
    }

    private func perform(_ actions: [StopSchedule.Action]) {
        for action in actions { perform(action) }
    }

    private func perform(_ action: StopSchedule.Action) {
        switch action {
        case .announce: control.advance(to: .leaving)
        case .findSuccessors: findSuccessors()
        case .leave(let time, let hasSuccessors):
            if hasSuccessors { logger.notice("stopping: another process takes over the port") }
            logger.notice("stopping: accepting for another \(time.configurationText)")
        case .drain(let time):
            prober.stop()
            let count = control.clientCount
            logger.notice("stopping: connections open: \(count), time to finish: \(time.configurationText)")
            control.advance(to: .draining)
        case .closeTunnels(let time):
            control.advance(to: .closingTunnels)
            logger.notice("stopping: upgraded connections are told, time left: \(time.configurationText)")
        case .cut:
            prober.stop()
            armBackstop(after: .zero)
            control.advance(to: .cut)
        case .abandonWorkers: abandonWorkers()
        case .wait(let time): wait(time)
        }
    }

    private func wait(_ time: Duration) {
        if stopTimer == nil {
            stopTimer = Timer(on: loop) { [unowned self] in perform(schedule.timePassed(at: .current())) }
        }
        stopTimer?.start(after: time)
    }

    /// Looks for other processes on the ports, which reads a list of all connections of the machine.
    private func findSuccessors() {
        let plans = control.plan.listeners
        // Where it cannot be started, or the one before still runs, the schedule goes on without an answer.
        successorTask?.start { plans.reduce(into: [:]) { $0[$1.id] = $1.successors() } }
    }

    private func found(_ successors: [Int: PortSuccessors]) {
        control.handOver(to: successors)
        perform(schedule.foundSuccessors(!successors.isEmpty, at: .current()))
    }

    private func abandonWorkers() {
        hasAbandonedWorkers = true
        logger.error("stopped: workers that did not end in time: \(readyCount - endedCount)")
        loop.stop()
    }
}
