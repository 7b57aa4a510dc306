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
    let proxy: Proxy
    private let index: Int
    /// Where it listens, by the plans' numbers.
    private(set) var listeners: [Int: HTTPListener] = [:]
    private var planVersion = 0
    private var logWriter: AccessLogWriter?
    private var wakeup: Wakeup?
    /// Answers whether the loop turns.
    private var pulse: Wakeup?
    /// Looks again for somebody who waits while all places are taken.
    var roomTimer: Timer?
    /// Ends the rest that follows when the system refused to accept.
    var refusalTimer: Timer?
    /// Accepting rests, because the system refused.
    var isAcceptResting = false
    /// The last request of another worker for room that was answered.
    var answeredRoomRequests = 0
    private var stop = WorkerStop()
    /// Runs while the listeners accept for the last time.
    private var closingTimer: Timer?
    /// Runs between two attempts to write the last lines of the access log.
    private var logTimer: Timer?
    /// A listener that a reload took out and that accepts for the last time.
    struct RetiredListener {
        let listener: HTTPListener
        /// Looks whether it may close.
        let timer: Timer
        /// When it closes whoever waits there.
        let end: LoopTime
    }

    /// Those there are, by their plans' numbers.
    private(set) var retiredListeners: [Int: RetiredListener] = [:]
    /// The hand-over that the listeners were told of last, and the phase they were told in.
    private var steeredBy: (version: Int, phase: Control.Phase)?
    private var cutCount = 0

    /// How far apart the last lines of the access log are offered to a reader that does not take them.
    private static let logPause = Duration.milliseconds(20)
    /// How long a listener that is to close goes on accepting, for those in the system's queue.
    private static let closingDelay = Duration.milliseconds(1)
    /// How long clients in the queue of a listener that a reload took out may wait for a place, and how often that is
    /// looked at.
    private static let retirementLimit = Duration.seconds(10)
    private static let retirementPause = Duration.milliseconds(100)

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
        proxy = Proxy(
            on: loop,
            configuration: plan.configuration,
            board: blueprint.board,
            account: blueprint.account,
            report: { control.take($0) },
            clientLeft: { departure.worker?.clientLeft() }
        )
        departure.worker = self
        let writer = AccessLogWriter(blueprint.sink, worker: proxy, faults: control.faults)
        loop.addTurnEnd { writer.write() }
        logWriter = writer
        for listener in plan.listeners { try listen(listener) }
        let wakeup = try Wakeup(on: loop) { [unowned self] in followControl() }
        self.wakeup = wakeup
        control.enlist(wakeup.bell)
        let question = WorkerPulses.Question()
        let pulse = try Wakeup(on: loop) { question.answer() }
        self.pulse = pulse
        control.pulses.enlist(index, question, pulse.bell)
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

    /// Does what the plan and the phase of the run ask for.
    private func followControl() {
        proxy.backendsChanged()
        followPlan()
        let phase = blueprint.control.phase
        if phase == .leaving || phase == .draining { proxy.leave() }
        steer(in: phase)
        acceptIfThereIsRoom()
        perform(stop.follow(phase))
    }

    private func followPlan() {
        let plan = blueprint.control.plan
        guard plan.version != planVersion else { return }
        planVersion = plan.version
        // What an earlier reload took out ends with the next one, which may want its address again.
        for retired in retiredListeners.values { retired.listener.close() }
        retiredListeners = [:]
        proxy.follow(plan.configuration)
        for listener in plan.listeners where listeners[listener.id] == nil {
            do throws(EventError) {
                try listen(listener)
            } catch {
                blueprint.control.reports.send(.listenFailed(error))
            }
        }
        let wanted = Set(plan.listeners.map(\.id))
        for id in listeners.keys where !wanted.contains(id) {
            retireListener(id, following: plan)
        }
    }

    /// Closes a listener that a reload took out, once whoever is in the system's queue already is let in.
    private func retireListener(_ id: Int, following plan: Control.Plan) {
        guard let listener = listeners.removeValue(forKey: id) else { return }
        // Where another listener gets the clients of this address, no client has to be lost between the two.
        if plan.listeners.contains(where: { $0.covers(listener.address) }) { listener.ignoreNewClients() }
        let timer = Timer(on: loop) { [unowned self] in closeRetiredListener(id) }
        timer.start(after: Self.closingDelay)
        let end = loop.now.nanoseconds + Self.retirementLimit.nanoseconds
        retiredListeners[id] = RetiredListener(
            listener: listener,
            timer: timer,
            end: LoopTime(nanoseconds: end)
        )
    }

    /// Closes a listener that a reload took out, unless somebody waits there for a place and may still get one.
    private func closeRetiredListener(_ id: Int) {
        guard let retired = retiredListeners[id] else { return }
        guard retired.listener.hasWaitingClient, loop.now < retired.end else {
            retired.listener.close()
            retiredListeners[id] = nil
            return
        }
        retired.timer.start(after: Self.retirementPause)
    }

    /// Has the system send new clients to the processes that take over.
    private func steer(in phase: Control.Phase) {
        let handOver = blueprint.control.handOver
        guard !handOver.successors.isEmpty, stop.stage == .serving else { return }
        if let steeredBy, steeredBy == (handOver.version, phase) { return }
        steeredBy = (handOver.version, phase)
        for (id, successors) in handOver.successors {
            listeners[id]?.steer(to: phase == .leaving ? successors.all : successors.whileClosing)
        }
    }

    // MARK: Stopping

    private func perform(_ actions: [WorkerStop.Action]) {
        for action in actions { perform(action) }
    }

    private func perform(_ action: WorkerStop.Action?) {
        switch action {
        case nil: break
        case .startClosingDelay:
            let timer = Timer(on: loop) { [unowned self] in perform(stop.closingDelayPassed()) }
            timer.start(after: Self.closingDelay)
            closingTimer = timer
        case .closeListeners: closeListeners()
        case .announceShutdown: proxy.announceShutdown()
        case .cutClients:
            cutCount += proxy.exchangeCount
            proxy.cutAll()
            perform(stop.clientsCut())
        case .writeLog: writeLastLines()
        case .pauseLog:
            let timer = Timer(on: loop) { [unowned self] in writeLastLines() }
            timer.start(after: Self.logPause)
            logTimer = timer
        case .end: end()
        }
    }

    private func closeListeners() {
        for listener in listeners.values { listener.close() }
        for retired in retiredListeners.values { retired.listener.close() }
        retiredListeners = [:]
        proxy.drain()
        perform(stop.clientsLeft(proxy.clientCount))
    }

    private func clientLeft() {
        blueprint.control.clientLeft()
        perform(stop.clientsLeft(proxy.clientCount))
    }

    private func writeLastLines() {
        perform(stop.logWritten(isComplete: logWriter?.writeAll() != false))
    }

    private func end() {
        proxy.dropSpares()
        logWriter?.finish()
        blueprint.logger.debug("worker \(index) has ended", metadata: ["worker": "\(index)"])
        blueprint.control.reports.send(.ended(cut: cutCount))
    }
}
