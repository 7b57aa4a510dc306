internal import Configuration
internal import Events
internal import Logging
internal import Observability
internal import Proxying
internal import Upstreams

/// One loop that serves clients, with listeners, pools and parsers of its own.
///
/// Made on the thread that runs the loop and never touched from another one.
final class Worker {
    /// What all workers are made from.
    struct Blueprint: Sendable {
        let board: BackendBoard
        let control: Control
        let account: DescriptorAccount
        let sink: LogSink
        let logger: Logger
    }

    let blueprint: Blueprint
    let loop: EventLoop
    let proxy: ProxyWorker
    private let index: Int
    /// Where it listens, by the plans' numbers.
    private(set) var listeners: [Int: HTTPListener] = [:]
    private var planVersion = 0
    private var logWriter: AccessLogWriter?
    private var wakeup: Wakeup?
    var acceptTimer: Timer?
    /// The last plea of another worker for room that was answered.
    var answeredPlea = 0
    private var drainTimer: Timer?
    /// The timers of listeners that are about to close, by their plans' numbers.
    private var farewells: [Int: Timer] = [:]
    private var hasDrained = false
    /// Nobody can become a client any more.
    private var hasSettled = false
    private var hasEnded = false
    private var cutCount = 0

    /// How often, and how far apart, the last lines of the access log are offered to a reader that does not take them.
    private static let flushAttempts = 50
    private static let flushPause = Duration.milliseconds(20)
    /// How long a listener that is to close goes on accepting.
    private static let farewell = Duration.milliseconds(1)

    /// A worker that listens, and accepts once the run is open.
    ///
    /// - Parameters:
    ///   - index: its place among the workers.
    ///   - blueprint: what all workers share.
    ///   - loop: the loop of this thread.
    /// - Throws: when it cannot listen.
    init(
        _ index: Int,
        _ blueprint: Blueprint,
        on loop: EventLoop
    ) throws(EventError) {
        self.index = index
        self.blueprint = blueprint
        self.loop = loop
        let control = blueprint.control
        let plan = control.plan
        planVersion = plan.version
        let departure = Departure()
        proxy = ProxyWorker(
            on: loop,
            configuration: plan.configuration,
            board: blueprint.board,
            account: blueprint.account,
            report: { control.take($0) },
            clientLeft: { departure.worker?.clientLeft() }
        )
        departure.worker = self
        let writer = AccessLogWriter(blueprint.sink, worker: proxy, index: index, faults: control.faults)
        loop.addTurnEnd { writer.write() }
        logWriter = writer
        for listener in plan.listeners { try listen(listener) }
        let wakeup = try Wakeup(on: loop) { [unowned self] in follow() }
        self.wakeup = wakeup
        control.enlist(wakeup.bell)
        control.enlist(proxy.counters)
        blueprint.logger.debug("worker \(index) is ready", metadata: ["worker": "\(index)"])
        control.reports.send(.ready)
    }

    /// Lets the proxy's closures reach the worker that is made after it.
    private final class Departure {
        weak var worker: Worker?
    }

    /// Listens, without accepting yet.
    private func listen(_ plan: ListenPlan) throws(EventError) {
        let listener = try HTTPListener(
            plan.socket(for: index),
            on: loop,
            room: { [control = blueprint.control] in control.room() },
            admit: { [control = blueprint.control] in control.admitClient() },
            acceptFailed: { [unowned self] in acceptFailed($0) },
            makeConnection: { [proxy] in proxy.makeClient($0) }
        )
        listener.pause()
        listeners[plan.id] = listener
    }

    // MARK: Following the run

    /// Does what the phase asks for.
    private func follow() {
        proxy.backendsChanged()
        followPlan()
        switch blueprint.control.phase {
        case .starting: break
        case .open: acceptIfThereIsRoom()
        case .leaving:
            proxy.leave()
            for (id, heirs) in blueprint.control.successors { listeners[id]?.steer(to: heirs.all) }
            acceptIfThereIsRoom()
        case .draining:
            proxy.leave()
            for (id, heirs) in blueprint.control.successors { listeners[id]?.steer(to: heirs.whileClosing) }
            // Whoever is in the system's queue already is let in first; closing the listener would reset them.
            let timer = Timer(on: loop) { [unowned self] in drain() }
            timer.start(after: Self.farewell)
            drainTimer = timer
        case .parting:
            drain()
            proxy.announceShutdown()
        case .cut:
            drain()
            cut()
        }
    }

    private func followPlan() {
        let plan = blueprint.control.plan
        guard plan.version != planVersion else { return }
        planVersion = plan.version
        proxy.follow(plan.configuration)
        for listener in plan.listeners where listeners[listener.id] == nil {
            do throws(EventError) {
                try listen(listener)
            } catch {
                blueprint.control.reports.send(.listenFailed(error))
            }
        }
        let wanted = Set(plan.listeners.map(\.id))
        for id in listeners.keys where !wanted.contains(id) { retire(id) }
    }

    /// Closes a listener that a reload took out, once whoever is in the system's queue already is let in.
    private func retire(_ id: Int) {
        guard let listener = listeners.removeValue(forKey: id) else { return }
        let timer = Timer(on: loop) { [unowned self] in
            listener.close()
            farewells[id] = nil
        }
        timer.start(after: Self.farewell)
        farewells[id] = timer
    }

    private func drain() {
        guard !hasDrained else { return }
        hasDrained = true
        for listener in listeners.values { listener.close() }
        proxy.drain()
        // Who was accepted in this very pass of the loop becomes a client in the rest of it.
        let timer = Timer(on: loop) { [unowned self] in
            hasSettled = true
            endIfEmpty()
        }
        timer.start(after: .zero)
        drainTimer = timer
    }

    private func cut() {
        cutCount += proxy.exchangeCount
        proxy.cutAll()
        endIfEmpty()
    }

    private func clientLeft() {
        blueprint.control.clientLeft()
        endIfEmpty()
    }

    private func endIfEmpty() {
        guard hasSettled, proxy.clientCount == 0, !hasEnded else { return }
        hasEnded = true
        proxy.dropSpares()
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
        blueprint.logger.debug("worker \(index) has ended", metadata: ["worker": "\(index)"])
        blueprint.control.reports.send(.ended(cut: cutCount))
    }
}
