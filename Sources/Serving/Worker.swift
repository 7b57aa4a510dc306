internal import Configuration
internal import Events
internal import Logging
internal import Proxying
internal import Upstreams

/// One loop that serves clients, with listeners, pools and parsers of its own.
///
/// Made on the thread that runs the loop and never touched from another one.
final class Worker {
    /// What all workers are made from.
    struct Blueprint: Sendable {
        let configuration: ServerConfiguration
        let board: BackendBoard
        let control: Control
        let sink: LogSink?
        let logger: Logger
    }

    private let blueprint: Blueprint
    private let loop: EventLoop
    private let proxy: ProxyWorker
    private var listeners: [HTTPListener] = []
    private var logWriter: AccessLogWriter?
    private var wakeup: Wakeup?
    private var acceptTimer: Timer?
    private var drainTimer: Timer?
    private var hasDrained = false
    private var hasEnded = false
    private var cutCount = 0

    /// How often, and how far apart, the last lines of the access log are offered to a reader that does not take them.
    private static let flushAttempts = 50
    private static let flushPause = Duration.milliseconds(20)
    /// How long accepting rests after the system refused a descriptor.
    private static let acceptPause = Duration.milliseconds(100)

    /// A worker that listens, and accepts once the run is open.
    ///
    /// - Parameters:
    ///   - index: its place among the workers.
    ///   - blueprint: what all workers share.
    ///   - plans: where to listen.
    ///   - loop: the loop of this thread.
    /// - Throws: when it cannot listen.
    init(
        _ index: Int,
        _ blueprint: Blueprint,
        listeningOn plans: [ListenPlan],
        on loop: EventLoop
    ) throws(EventError) {
        self.blueprint = blueprint
        self.loop = loop
        let control = blueprint.control
        let departure = Departure()
        proxy = ProxyWorker(
            on: loop,
            configuration: blueprint.configuration,
            board: blueprint.board,
            descriptors: control.descriptors / control.workerCount,
            backendFailed: { control.reports.send(.backendFailed($0, $1, isSuspicion: $2)) },
            noBackend: { control.reports.send(.noBackend) },
            clientLeft: { departure.worker?.clientLeft() }
        )
        departure.worker = self
        if let sink = blueprint.sink {
            let writer = AccessLogWriter(sink, worker: proxy, index: index, logger: blueprint.logger)
            loop.addTurnEnd { writer.write() }
            logWriter = writer
        }
        for plan in plans { listeners.append(try listen(plan)) }
        for listener in listeners { listener.pause() }
        let wakeup = try Wakeup(on: loop) { [unowned self] in follow() }
        self.wakeup = wakeup
        control.enlist(wakeup.bell)
        control.reports.send(.ready)
    }

    /// Lets the proxy's closures reach the worker that is made after it.
    private final class Departure {
        weak var worker: Worker?
    }

    /// Where it listens.
    var addresses: [SocketAddress] { listeners.map(\.address) }

    private func listen(_ plan: ListenPlan) throws(EventError) -> HTTPListener {
        try HTTPListener(
            plan.socket,
            isDualStack: plan.isDualStack,
            sharesPort: plan.isShared,
            on: loop,
            room: { [control = blueprint.control] in control.room() },
            admit: { [control = blueprint.control] in control.admitClient() },
            acceptFailed: { [unowned self] in acceptFailed($0) },
            makeConnection: { [proxy] in proxy.makeClient($0) }
        )
    }

    // MARK: Following the run

    /// Does what the phase asks for.
    private func follow() {
        switch blueprint.control.phase {
        case .starting: break
        case .open: acceptIfThereIsRoom()
        case .draining:
            // Whoever is in the system's queue already is let in first; closing the listener would reset them.
            let timer = Timer(on: loop) { [unowned self] in drain() }
            timer.start(after: .milliseconds(1))
            drainTimer = timer
        case .cut:
            drain()
            cut()
        }
    }

    private func acceptFailed(_ code: Int32) {
        blueprint.control.reports.send(.acceptFailed(code))
        if acceptTimer == nil { acceptTimer = Timer(on: loop) { [unowned self] in acceptIfThereIsRoom() } }
        acceptTimer?.start(after: Self.acceptPause)
    }

    private func acceptIfThereIsRoom() {
        guard blueprint.control.phase == .open else { return }
        let isRoom = blueprint.control.room() > 0
        for listener in listeners { isRoom ? listener.resume() : listener.pause() }
    }

    private func drain() {
        guard !hasDrained else { return }
        hasDrained = true
        for listener in listeners { listener.close() }
        proxy.drain()
        endIfEmpty()
    }

    private func cut() {
        cutCount += proxy.exchangeCount
        proxy.cutAll()
        endIfEmpty()
    }

    private func clientLeft() {
        blueprint.control.clientLeft()
        if hasDrained { endIfEmpty() }
    }

    private func endIfEmpty() {
        guard proxy.clientCount == 0, !hasEnded else { return }
        hasEnded = true
        endWhenLogged(attempts: Self.flushAttempts)
    }

    /// Ends once the last lines of the access log are written, or its reader had enough time to take them.
    private func endWhenLogged(attempts: Int) {
        if logWriter?.writeAll() == false, attempts > 0 {
            let timer = Timer(on: loop) { [unowned self] in endWhenLogged(attempts: attempts - 1) }
            timer.start(after: Self.flushPause)
            drainTimer = timer
            return
        }
        logWriter?.finish()
        blueprint.control.reports.send(.ended(cut: cutCount))
    }
}
