internal import Configuration
internal import Events
internal import HealthChecks
internal import Logging
internal import Upstreams

/// One run of the server, seen from the first thread: starts the workers, watches the backends, obeys signals.
///
/// The first worker shares the supervisor's thread and loop, so that one worker is one thread.
final class Supervisor {
    private let configuration: ServerConfiguration
    private let loop: EventLoop
    private let logger: Logger
    private let control: Control
    private let blueprint: Worker.Blueprint
    private let prober: Prober
    private let workerCount: Int
    private var plans: [ListenPlan] = []
    private var firstWorker: Worker?
    private var mailbox: Wakeup?
    private var signals: [SignalWatcher] = []
    private var timer: Timer?
    private var readyCount = 0
    private var endedCount = 0
    private var cutCount = 0
    private var areBackendsLocated = false
    private var failure: EventError?
    private var noBackendMessages = RateLimit(.seconds(10))
    private var acceptMessages = RateLimit(.seconds(10))

    /// How long the first look-up of the backends' names may hold clients back.
    private static let locatingLimit = Duration.seconds(2)
    /// Fewer connections than this are worth a warning.
    private static let modestConnections = 256
    /// Descriptors kept for everything but clients and their backends: listeners, probes, logs, loops.
    private static let reservedDescriptors = 64

    /// Wires everything and listens with the first worker.
    ///
    /// - Throws: what could not be started, in words.
    init(_ configuration: ServerConfiguration, on loop: EventLoop, logger: Logger) throws(EventError) {
        self.configuration = configuration
        self.loop = loop
        self.logger = logger
        workerCount = configuration.workers ?? ProcessorCount.available()
        control = Self.control(configuration, workerCount, logger)
        let board = BackendBoard(configuration.backends)
        let hasNames = configuration.backends.contains { !$0.isLiteral }
        prober = Prober(
            on: loop,
            board: board,
            health: configuration.health,
            resolver: hasNames ? try NameResolver(on: loop) : nil,
            log: { logger.notice("\($0)") }
        )
        blueprint = Worker.Blueprint(
            configuration: configuration,
            board: board,
            control: control,
            sink: try Self.sink(for: configuration.accessLog).map { LogSink($0) },
            logger: logger
        )
        for address in configuration.listeners {
            plans.append(try ListenPlan(address, isShared: workerCount > 1))
        }
        let mailbox = try Wakeup(on: loop) { [unowned self] in readReports() }
        self.mailbox = mailbox
        control.reports.deliver(to: mailbox.bell)
        let worker = try Worker(0, blueprint, listeningOn: plans, on: loop)
        firstWorker = worker
        // Where the kernel chose a port, the other workers share it.
        for (index, address) in worker.addresses.enumerated() { plans[index].socket = address }
    }

    /// Runs until everything is stopped.
    ///
    /// - Returns: the process's exit status.
    func runUntilStopped() -> Int32 {
        signals = [.terminate, .interrupt, .quit].map { signal in
            SignalWatcher(signal, on: loop) { [unowned self] in stop() }
        }
        // What other servers reload or reopen their logs at must not end this one.
        signals += [.hangUp, .user1, .user2].map { signal in
            SignalWatcher(signal, on: loop) { [logger] in logger.notice("\(signal.name) does nothing here") }
        }
        // Clients wait in the system's queue until the backends' names were looked up, but not for a name server that
        // does not answer.
        after(Self.locatingLimit) { [unowned self] in backendsLocated() }
        prober.start { [unowned self] in backendsLocated() }
        loop.run()
        loop.removeTurnEnds()
        if let failure {
            logger.error("\(failure)")
            return 1
        }
        return cutCount == 0 ? 0 : 2
    }

    private func after(_ duration: Duration, _ action: @escaping () -> Void) {
        let timer = Timer(on: loop, action)
        timer.start(after: duration)
        self.timer = timer
    }

    // MARK: Starting

    private func backendsLocated() {
        areBackendsLocated = true
        openIfReady()
    }

    /// Starts the next worker; one at a time, because libevent sets some of its globals for each base anew.
    private func startWorker(_ index: Int) {
        let blueprint = blueprint
        let plans = plans
        do {
            try SystemThread.start {
                do throws(EventError) {
                    let loop = try EventLoop()
                    let worker = try Worker(index, blueprint, listeningOn: plans, on: loop)
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
        timer?.cancel()
        control.advance(to: .open)
        for (address, plan) in zip(configuration.listeners, plans) {
            let port = plan.socket.port
            if address.host == nil {
                logger.notice("listening on http://127.0.0.1:\(port) and every other address of this machine")
            } else {
                logger.notice("listening on \(address.url(port: port))")
            }
        }
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
            case .backendFailed(let index, let reason, let isSuspicion):
                prober.trafficFailed(index, reason: reason, isSuspicion: isSuspicion)
            case .noBackend: reportNoBackend()
            case .acceptFailed(let code): reportAcceptFailure(code)
            case .ended(let cut): workerEnded(cut: cut)
            }
        }
    }

    private func reportNoBackend() {
        guard noBackendMessages.passes(at: loop.now) else { return }
        logger.error("no backend is alive, clients get 503: \(blueprint.board.reasons())")
    }

    private func reportAcceptFailure(_ code: Int32) {
        guard acceptMessages.passes(at: loop.now) else { return }
        logger.warning("accepting rests: \(SystemError.text(code)); see --max-connections")
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
        switch control.phase {
        case .starting: loop.stop()
        case .open:
            prober.stop()
            control.advance(to: .draining)
            let limit = configuration.timeouts.drain
            let count = control.clientCount
            logger.notice("stopping: connections open: \(count), time to finish: \(limit.configurationText)")
            after(limit) { [unowned self] in control.advance(to: .cut) }
        case .draining, .cut: control.advance(to: .cut)
        }
    }

    // MARK: Resources

    private static func sink(for destination: AccessLogDestination) throws(EventError) -> OutputSink? {
        switch destination {
        case .off: nil
        case .standardOutput: .standardOutput()
        case .file(let path): try .file(path)
        }
    }

    /// Divides the descriptors: each client may need a second one for its backend.
    private static func control(
        _ configuration: ServerConfiguration,
        _ workerCount: Int,
        _ logger: Logger
    ) -> Control {
        let limit = DescriptorLimit.raise()
        let reserve = reservedDescriptors + 2 * configuration.backends.count + 8 * workerCount
        let descriptors = max(2, limit - reserve)
        let most = descriptors / 2
        let wanted = configuration.limits.maxConnections ?? most
        if wanted > most {
            logger.warning(
                "--max-connections \(wanted) is more than \(limit) open files allow and is taken as \(most); see ulimit -n"
            )
        }
        if most < modestConnections {
            logger.warning("\(limit) open files allow \(most) connections at a time; see ulimit -n")
        }
        return Control(
            maxConnections: min(wanted, most),
            descriptors: descriptors,
            workerCount: workerCount
        )
    }
}
