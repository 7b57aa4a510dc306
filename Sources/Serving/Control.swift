internal import Configuration
internal import Events
internal import Observability
internal import Proxying
internal import Synchronization
internal import Upstreams

/// What the supervisor and the workers share: the phase of the run, the number of clients, the reports.
///
/// The supervisor moves the phase on and rings; workers follow and report. None waits for another.
final class Control: Sendable {
    /// The phases of a run, in order.
    enum Phase: Int, Sendable {
        /// Listening, not accepting yet.
        case starting
        /// Accepting.
        case open
        /// A stop was asked for; clients are still accepted, and told to come no more.
        case leaving
        /// No new clients; in-flight exchanges finish.
        case draining
        /// The same, and upgraded connections are told that it ends.
        case closingTunnels
        /// What is left is cut.
        case cut
    }

    /// What a worker tells the supervisor.
    enum Report: Sendable {
        /// It listens.
        case ready
        /// It could not start, for this reason.
        case failed(EventError)
        /// What its traffic met.
        case traffic(Proxy.Report)
        /// It could not listen on an address that a reload brought.
        case listenFailed(EventError)
        /// It has no clients left after so many were cut.
        case ended(cut: Int)
    }

    /// What all workers run by; a reload puts another one in its place.
    struct Plan: Sendable {
        /// Moves on with each reload.
        var version = 0
        /// Timeouts, limits and the rest.
        var configuration: ServerConfiguration
        /// Where to listen.
        var listeners: [ListenPlan]
        /// Where the reload before this one stopped listening, which may take a moment.
        var formerListeners: [ListenPlan] = []
    }

    /// The sockets of other processes that take over, by the number of the listener.
    struct HandOver: Sendable {
        /// Moves on each time they are looked up.
        var version = 0
        /// None while no process takes over.
        var successors: [Int: PortSuccessors] = [:]
    }

    /// What the workers tell.
    let reports = Mailbox<Report>()
    /// What went wrong around the proxy.
    let faults: FaultLog
    /// Whether the workers' loops turn.
    let pulses = WorkerPulses()

    private let currentPlan: Mutex<Plan>
    private let connectionLimit: Atomic<Int>
    private let phaseValue = Atomic<Int>(Phase.starting.rawValue)
    private let clients = Atomic<Int>(0)
    private let isRoomWanted = Atomic<Bool>(false)
    private let currentHandOver = Mutex(HandOver())
    private let roomRequestCount = Atomic<Int>(0)
    private let bells = Mutex<[Wakeup.Bell]>([])
    private let counters = Mutex<[WorkerCounters]>([])

    /// A run that is starting.
    init(_ plan: Plan, maxConnections: Int, faults: FaultLog) {
        currentPlan = Mutex(plan)
        connectionLimit = Atomic(maxConnections)
        self.faults = faults
    }

    /// What all workers run by.
    var plan: Plan { currentPlan.withLock { $0 } }

    /// The most clients at a time, over all workers.
    var maxConnections: Int { connectionLimit.load(ordering: .relaxed) }

    /// Has all workers run by another plan.
    func replace(_ plan: Plan, maxConnections: Int) {
        currentPlan.withLock { $0 = plan }
        connectionLimit.store(maxConnections, ordering: .sequentiallyConsistent)
        ringAll()
    }

    /// The phase of the run.
    var phase: Phase { Phase(rawValue: phaseValue.load(ordering: .acquiring)) ?? .starting }

    /// Whether clients are let in.
    var isAccepting: Bool {
        switch phase {
        case .open, .leaving: true
        case .starting, .draining, .closingTunnels, .cut: false
        }
    }

    /// The number of clients of all workers.
    var clientCount: Int { clients.load(ordering: .relaxed) }

    /// Has a worker rung whenever the phase moves on or room appears.
    func enlist(_ bell: Wakeup.Bell) {
        bells.withLock { $0.append(bell) }
    }

    /// The other processes that new clients are sent to.
    var handOver: HandOver { currentHandOver.withLock { $0 } }

    /// Has every listener send new clients to other processes.
    func handOver(to successors: [Int: PortSuccessors]) {
        currentHandOver.withLock { $0 = HandOver(version: $0.version + 1, successors: successors) }
        ringAll()
    }

    /// Has what a worker counts summed up with the others'.
    func enlist(_ worker: WorkerCounters) {
        counters.withLock { $0.append(worker) }
    }

    /// What the clients' side counts, over all workers.
    var clientTotals: ClientTotals {
        var totals = ClientTotals()
        for worker in counters.withLock({ $0 }) { worker.add(to: &totals) }
        return totals
    }

    /// Moves the phase on and rings every worker; no phase comes back.
    func advance(to phase: Phase) {
        guard phase.rawValue > self.phase.rawValue else { return }
        phaseValue.store(phase.rawValue, ordering: .releasing)
        ringAll()
    }

    /// How many more clients may be served.
    ///
    /// A worker that is told there is room for one or less is rung when a client leaves.
    func room() -> Int {
        let left = maxConnections - clients.load(ordering: .sequentiallyConsistent)
        guard left <= 1 else { return left }
        isRoomWanted.store(true, ordering: .sequentiallyConsistent)
        return maxConnections - clients.load(ordering: .sequentiallyConsistent)
    }

    /// Takes a place for a client; whoever takes the last one, or finds none, has every worker pause.
    ///
    /// - Returns: `false` when there is none; the worker is rung when one is free.
    func admitClient() -> Bool {
        let limit = maxConnections
        let (_, count) = clients.add(1, ordering: .sequentiallyConsistent)
        if count < limit { return true }
        isRoomWanted.store(true, ordering: .sequentiallyConsistent)
        if count == limit {
            ringAll()
            return true
        }
        clientLeft()
        return false
    }

    /// Counts a client that left.
    func clientLeft() {
        clients.subtract(1, ordering: .sequentiallyConsistent)
        guard isRoomWanted.load(ordering: .sequentiallyConsistent),
            isRoomWanted.exchange(false, ordering: .sequentiallyConsistent)
        else { return }
        ringAll()
    }

    /// The number of times that a worker asked the others for room.
    var roomRequests: Int { roomRequestCount.load(ordering: .relaxed) }

    /// Takes what a worker's traffic met.
    func take(_ report: Proxy.Report) {
        guard case .shortage(let code) = report else { return reports.send(.traffic(report)) }
        faults.report(.connection) { _ in
            "no connection to a backend can be made: \(SystemError.text(code)); clients get 503"
        }
    }

    /// Asks every worker to close clients at rest, for somebody who waits at a worker that has none.
    func requestRoom() {
        roomRequestCount.add(1, ordering: .relaxed)
        ringAll()
    }

    /// Has every worker look at what changed.
    func ringAll() {
        for bell in bells.withLock({ $0 }) { bell.ring() }
    }
}
