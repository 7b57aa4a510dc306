internal import Events
internal import Observability
internal import Upstreams

/// One worker's side of a backend: its connections at rest, its exchanges, and where it stands at the moment.
final class WorkerBackend {
    /// The backend that all workers share.
    let backend: Backend
    /// The address as text, `host:port`.
    let name: String
    /// What this worker counts about it.
    let counters: BackendCounters
    /// Where connections go, or `nil` while the name was never resolved.
    private(set) var address: SocketAddress?
    /// What the operator wants of it.
    private(set) var duty = BackendState.Duty.serving
    /// Where it stands in the order the hash counts in; `nil` once a reload has taken it out.
    private(set) var position: Int?
    /// The connections at rest.
    var idle = IdleConnections()
    /// The exchanges that are here now.
    var exchanges = ExchangeList()
    /// When it answered anybody last.
    private var lastAnswer = LoopTime(nanoseconds: 0)
    /// When it was reported last that it gives no answers.
    private var lastMuteReport = LoopTime(nanoseconds: 0)
    /// How long it is passed over since its last connect that failed; zero since one that did not.
    private var pause = LoopInterval.zero
    /// Until when it is passed over.
    private(set) var pauseEnd = LoopTime(nanoseconds: 0)

    /// How long a backend that is not probed is passed over after a connect that failed, at first and at most.
    private static let pauses = (first: LoopInterval.seconds(1), longest: LoopInterval.seconds(30))

    init(_ backend: Backend) {
        self.backend = backend
        name = backend.name
        counters = backend.makeCounters()
    }

    /// Takes over where it stands.
    func stand(at position: Int?) { self.position = position }

    /// Takes over what is known of it.
    func follow(_ address: SocketAddress?, _ duty: BackendState.Duty) {
        self.address = address
        self.duty = duty
    }

    // MARK: Answers

    /// The head of an answer came.
    ///
    /// - Parameters:
    ///   - now: the present.
    ///   - time: nanoseconds since the connection was there for the request.
    func answered(at now: LoopTime, after time: UInt64) {
        lastAnswer = now
        counters.headCame(after: time)
    }

    /// Whether no answer came from it here for so long, and that was not said for as long either.
    func isToBeReportedMute(for length: LoopInterval, at now: LoopTime) -> Bool {
        let last = max(lastAnswer, lastMuteReport)
        guard now.nanoseconds(since: last) >= length.nanoseconds else { return false }
        lastMuteReport = now
        return true
    }

    // MARK: Connects that fail

    /// It could not be connected to: it is passed over for a second, and for twice as long each time up to 30 s.
    func passOver(at now: LoopTime) {
        // What failed at the same time counts once.
        guard pauseEnd <= now else { return }
        pause =
            pause == .zero
            ? Self.pauses.first
            : min(LoopInterval(nanoseconds: pause.nanoseconds * 2), Self.pauses.longest)
        pauseEnd = LoopTime(nanoseconds: now.nanoseconds + pause.nanoseconds)
    }

    /// It was connected to.
    func connectSucceeded() {
        guard pause != .zero else { return }
        pause = .zero
        pauseEnd = LoopTime(nanoseconds: 0)
    }
}

/// Exchanges, each of which knows its place, so that it comes and goes without a search.
struct ExchangeList {
    private var members: [Exchange] = []

    /// Whether there is none.
    var isEmpty: Bool { members.isEmpty }
    /// Those that are there at the moment.
    var all: [Exchange] { members }

    /// Adds an exchange that is not in any list.
    mutating func add(_ exchange: Exchange) {
        exchange.place = members.count
        members.append(exchange)
    }

    /// Takes an exchange out that is in this list.
    mutating func remove(_ exchange: Exchange) {
        let last = members.removeLast()
        guard last !== exchange else { return }
        members[exchange.place] = last
        last.place = exchange.place
    }
}
