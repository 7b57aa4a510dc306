internal import Balancing
internal import Events
internal import Observability

/// The tries of one exchange: where it is, why, what failed before, and how long each step took.
struct Attempt {
    /// What the deadline of the connection stands for while an answer is waited for.
    enum Wait {
        /// The backend is suspected when no answer to any request has come from it by then.
        case untilSuspicion
        /// The client is told that the backend is late.
        case untilTimeout
    }

    /// Which connection an attempt may take.
    enum Choice {
        /// One at rest if there is one.
        case anyConnection
        /// A new one.
        case newConnection
    }

    /// The backend of the present attempt, or of the last one.
    private(set) var backend: WorkerBackend?
    /// Why it was chosen.
    private(set) var reason = PickReason.hash
    /// How many attempts were begun.
    private(set) var count = 0
    /// What failed last.
    private(set) var failure = GatewayFailure.connectFailed
    /// The system's error number of the last connect that failed.
    private(set) var connectError: Int32 = 0
    /// The present attempt began.
    private(set) var start = LoopTime(nanoseconds: 0)
    /// The connection was there for the request.
    private(set) var connectionStart = LoopTime(nanoseconds: 0)
    /// Nanoseconds that the present attempt took to connect; `nil` when it used a connection again.
    private(set) var connectTime: UInt64?
    /// Nanoseconds from the connection to the final head of the answer.
    private(set) var headTime: UInt64?
    /// What the deadline of the connection stands for.
    private(set) var wait = Wait.untilTimeout

    /// When no further connection is tried; `nil` while none had to be made.
    private var searchEnd: LoopTime?
    /// The present connect got less time than a connect gets, because the search was to end.
    private(set) var isCutShort = false
    /// When the client is told that the backend is late; `nil` when that is never.
    private var answerEnd: LoopTime?
    /// The positions tried in vain, in the order of `triedGeneration`.
    private var tried = AliveSet(count: 0, allAlive: false)
    private var triedGeneration: UInt64 = 0

    /// Forgets everything.
    mutating func reset() {
        backend = nil
        reason = .hash
        count = 0
        failure = .connectFailed
        connectError = 0
        connectTime = nil
        headTime = nil
        wait = .untilTimeout
        searchEnd = nil
        isCutShort = false
        answerEnd = nil
        if tried.count > 0 { tried = AliveSet(count: 0, allAlive: false) }
    }

    /// Goes to `backend`.
    mutating func begin(at backend: WorkerBackend, _ reason: PickReason, now: LoopTime) {
        self.backend = backend
        self.reason = reason
        count += 1
        start = now
        connectionStart = now
        connectTime = nil
    }

    /// A connection at rest was there.
    mutating func reused() { searchEnd = nil }

    /// The connection was made.
    mutating func connected(at now: LoopTime) {
        connectionStart = now
        connectTime = now.nanoseconds(since: start)
        searchEnd = nil
    }

    /// The final head of the answer came.
    ///
    /// - Returns: nanoseconds from the connection to it.
    mutating func headCame(at now: LoopTime) -> UInt64 {
        let time = now.nanoseconds(since: connectionStart)
        headTime = time
        return time
    }

    // MARK: The search

    /// How long a connect may take: `each`, and no longer than all connects of a search may take together.
    mutating func connectLimit(_ each: LoopInterval, inTotal total: LoopInterval, now: LoopTime)
        -> LoopInterval
    {
        isCutShort = false
        guard total != .zero else { return each }
        guard let end = searchEnd else {
            searchEnd = LoopTime(nanoseconds: now.nanoseconds + total.nanoseconds)
            return min(each, total)
        }
        let rest = LoopInterval(nanoseconds: max(end.nanoseconds(since: now), 1_000_000))
        isCutShort = rest < each
        return min(each, rest)
    }

    /// Whether no further connection is to be tried.
    func isSearchOver(at now: LoopTime) -> Bool { searchEnd.map { $0 <= now } ?? false }

    /// The connection could not be made.
    mutating func connectFailed(_ code: Int32, as failure: GatewayFailure) {
        connectError = code
        self.failure = failure
    }

    /// The attempt failed, after the connection was there or without one.
    mutating func failed(as failure: GatewayFailure) { self.failure = failure }

    /// Remembers that the present backend was tried in vain.
    ///
    /// A reload in between begins the count anew, since positions mean something else behind it.
    mutating func noteTried(in view: BackendView) {
        if tried.count != view.members.count || triedGeneration != view.generation {
            tried = AliveSet(count: view.members.count, allAlive: false)
            triedGeneration = view.generation
        }
        if let position = backend?.position { tried.insert(position) }
    }

    /// The next backend for `key` that was not tried yet.
    func next(for key: UInt32, in view: BackendView, now: LoopTime) -> WorkerBackend? {
        guard tried.count == view.members.count, triedGeneration == view.generation else {
            return view.pick(key, now: now)
        }
        return view.pick(key, excluding: tried, now: now)
    }

    // MARK: Waiting for the answer

    /// The whole request is with the backend.
    ///
    /// - Parameters:
    ///   - limit: how long it may take to answer; zero is for ever.
    ///   - patience: after how long without an answer to anybody it is suspected; zero is never.
    ///   - now: the present.
    /// - Returns: the time until the next look at the wait; zero is for ever.
    mutating func awaitAnswer(_ limit: LoopInterval, patience: LoopInterval, now: LoopTime) -> LoopInterval {
        answerEnd = limit == .zero ? nil : LoopTime(nanoseconds: now.nanoseconds + limit.nanoseconds)
        guard patience != .zero, limit == .zero || patience < limit else {
            wait = .untilTimeout
            return limit
        }
        wait = .untilSuspicion
        return patience
    }

    /// The time to look whether the backend has answered anybody came.
    ///
    /// - Parameters:
    ///   - patience: after how long it is looked again.
    ///   - now: the present.
    /// - Returns: how long to wait from now on.
    mutating func waitOn(_ patience: LoopInterval, now: LoopTime) -> LoopInterval {
        guard let answerEnd else { return patience }
        let rest = LoopInterval(nanoseconds: max(answerEnd.nanoseconds(since: now), 1_000_000))
        guard rest <= patience else { return patience }
        wait = .untilTimeout
        return rest
    }
}
