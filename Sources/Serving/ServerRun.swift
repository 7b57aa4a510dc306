internal import Configuration
internal import Events
internal import HealthChecks
internal import Logging
internal import Proxying
internal import Upstreams

/// One run of the server: the parts wired together, from the first accept to the last answer.
final class ServerRun {
    private let configuration: ServerConfiguration
    private let loop: EventLoop
    private let logger: Logger
    private let board: BackendBoard
    private let prober: Prober
    private let worker: ProxyWorker
    private let maxConnections: Int
    private var listeners: [HTTPListener] = []
    private var accessLogWriter: AccessLogWriter?
    private var signals: [SignalWatcher] = []
    private var drainTimer: Timer?
    private var acceptTimer: Timer?
    private var isOpen = false
    private var isStopping = false
    private var isDraining = false
    private var cutCount = 0
    private var noBackendMessages = RateLimit(.seconds(10))
    private var acceptMessages = RateLimit(.seconds(10))

    /// Descriptors kept for everything but clients and their backends: listeners, probes, logs, the loop itself.
    private static let reservedDescriptors = 64
    /// How long the first look-up of the backends' names may hold clients back.
    private static let openingLimit = Duration.seconds(2)
    /// How long accepting rests after the system refused a descriptor.
    private static let acceptPause = Duration.milliseconds(100)

    /// Wires everything and listens.
    ///
    /// - Throws: what could not be started, in words.
    init(_ configuration: ServerConfiguration, on loop: EventLoop, logger: Logger) throws(EventError) {
        self.configuration = configuration
        self.loop = loop
        self.logger = logger
        let links = Links()
        board = BackendBoard(configuration.backends)
        let hasNames = configuration.backends.contains { !$0.isLiteral }
        prober = Prober(
            on: loop,
            board: board,
            health: configuration.health,
            resolver: hasNames ? try NameResolver(on: loop) : nil,
            log: { logger.notice("\($0)") }
        )
        worker = ProxyWorker(
            on: loop,
            configuration: configuration,
            board: board,
            backendFailed: { [prober] in prober.trafficFailed($0, reason: $1) },
            noBackend: { links.run?.reportNoBackend() },
            clientLeft: { links.run?.clientLeft() }
        )
        maxConnections = Self.maxConnections(configuration, logger)
        links.run = self
        if let sink = try AccessLogWriter.sink(for: configuration.accessLog) {
            let writer = AccessLogWriter(sink, worker: worker, logger: logger)
            accessLogWriter = writer
            loop.addTurnEnd { writer.write() }
        }
        listeners = try configuration.listeners.map { address throws(EventError) in try listen(on: address) }
    }

    /// Lets the worker's closures reach the run that is made after the worker.
    private final class Links {
        weak var run: ServerRun?
    }

    /// Runs until everything is stopped.
    ///
    /// - Returns: the process's exit status.
    func runUntilStopped() -> Int32 {
        watchSignals()
        // Clients wait in the system's queue until the backends' names were looked up, but not for a name server that
        // does not answer.
        for listener in listeners { listener.pause() }
        let opening = Timer(on: loop) { [unowned self] in open() }
        opening.start(after: Self.openingLimit)
        prober.start { [unowned self] in open() }
        loop.run()
        opening.cancel()
        accessLogWriter?.write()
        return cutCount == 0 ? 0 : 2
    }

    // MARK: Listening

    private func open() {
        guard !isOpen, !isStopping else { return }
        isOpen = true
        for (address, listener) in zip(configuration.listeners, listeners) {
            listener.resume()
            let port = listener.address.port
            if address.host == nil {
                logger.notice("listening on http://127.0.0.1:\(port) and every other address of this machine")
            } else {
                logger.notice("listening on \(address.url(port: port))")
            }
        }
    }

    private func listen(on address: ListenAddress) throws(EventError) -> HTTPListener {
        if let host = address.host {
            guard let socket = SocketAddress(literal: host, port: address.port) else {
                throw EventError("cannot listen on \(address)", code: 0)
            }
            return try listener(socket, isDualStack: false, for: address)
        }
        do {
            return try listener(.any(port: address.port), isDualStack: true, for: address)
        } catch let error where error.isAddressFamilyMissing {
            // A machine without IPv6 still has every address of the other family.
            let any = SocketAddress(ip: .v4([0, 0, 0, 0]), port: address.port)
            return try listener(any, isDualStack: false, for: address)
        }
    }

    private func listener(
        _ socket: SocketAddress,
        isDualStack: Bool,
        for address: ListenAddress
    ) throws(EventError) -> HTTPListener {
        do {
            return try HTTPListener(
                socket,
                isDualStack: isDualStack,
                on: loop,
                room: { [unowned self] in maxConnections - worker.clientCount },
                acceptFailed: { [unowned self] in acceptFailed($0) },
                makeConnection: { [worker] in worker.makeClient($0) }
            )
        } catch {
            throw EventError("cannot listen on \(address)", code: error.code)
        }
    }

    private func acceptFailed(_ code: Int32) {
        if acceptMessages.passes(at: loop.now) {
            logger.warning("accepting rests: \(SystemError.text(code)); see --max-connections")
        }
        if acceptTimer == nil { acceptTimer = Timer(on: loop) { [unowned self] in resumeAccepting() } }
        acceptTimer?.start(after: Self.acceptPause)
    }

    private func resumeAccepting() {
        guard isOpen, worker.clientCount < maxConnections else { return }
        for listener in listeners { listener.resume() }
    }

    private func clientLeft() {
        if isDraining {
            if worker.clientCount == 0 { loop.stop() }
        } else if worker.clientCount == maxConnections - 1 {
            resumeAccepting()
        }
    }

    private func reportNoBackend() {
        guard noBackendMessages.passes(at: loop.now) else { return }
        logger.error("no backend is alive, clients get 503: \(board.reasons())")
    }

    /// Each client may need a second descriptor for its backend.
    private static func maxConnections(_ configuration: ServerConfiguration, _ logger: Logger) -> Int {
        let limit = DescriptorLimit.raise()
        let reserve = reservedDescriptors + 2 * configuration.backends.count
        let most = max(1, (limit - reserve) / 2)
        guard let wanted = configuration.limits.maxConnections else { return most }
        if wanted > most {
            logger.warning(
                "--max-connections \(wanted) needs \(2 * wanted + reserve) descriptors and the limit is \(limit); see ulimit -n"
            )
        }
        return wanted
    }

    // MARK: Stopping

    private func watchSignals() {
        signals = [
            SignalWatcher(.terminate, on: loop) { [unowned self] in stop() },
            SignalWatcher(.interrupt, on: loop) { [unowned self] in stop() },
        ]
    }

    private func stop() {
        if isStopping { return cut("a second signal") }
        isStopping = true
        // Whoever is in the system's queue already is let in first; closing the listener would reset them.
        let timer = Timer(on: loop) { [unowned self] in drain() }
        timer.start(after: .milliseconds(1))
        drainTimer = timer
    }

    private func drain() {
        isDraining = true
        for listener in listeners { listener.close() }
        prober.stop()
        worker.drain()
        guard worker.clientCount > 0 else { return loop.stop() }
        let limit = configuration.timeouts.drain
        logger.notice("stopping: \(worker.clientCount) connections have \(limit.configurationText) to finish")
        guard limit > .zero else { return cut("--drain-timeout 0") }
        let timer = Timer(on: loop) { [unowned self] in
            cut("--drain-timeout \(configuration.timeouts.drain.configurationText)")
        }
        timer.start(after: limit)
        drainTimer = timer
    }

    private func cut(_ reason: String) {
        cutCount += worker.cutAll()
        if cutCount > 0 { logger.warning("stopping: \(cutCount) connections were cut by \(reason)") }
        loop.stop()
    }
}
