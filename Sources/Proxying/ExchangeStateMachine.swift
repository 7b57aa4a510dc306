internal import HTTPMessages

/// How far an exchange is, and what it does when something happens: the rules of retry and blame, without any I/O.
struct ExchangeStateMachine {
    /// How far the exchange is.
    enum State: Equatable {
        /// A backend is being connected to. To `.awaitingHead` when the connection stands.
        case connecting
        /// The request is on its way. To `.streaming` with a final head, to `.tunnelling` with a 101.
        case awaitingHead(isReused: Bool)
        /// The head of the answer is with the client; nothing can be taken back any more.
        case streaming
        /// Bytes pass both ways without meaning.
        case tunnelling
        /// It is over.
        case finished
    }

    /// How an attempt failed.
    enum Failure: Equatable {
        /// The connection could not be made.
        case connect
        /// It could not be made in time.
        case connectTimeout
        /// It could not be made, and no time is left for another one.
        ///
        /// `isCutShort`: it got less time than a connect gets, so the backend may have been quick enough.
        case searchTimeout(isCutShort: Bool)
        /// The backend reset it.
        case reset
        /// The backend ended it in good order.
        case closed
        /// What came where an answer should begin is none: its first line is no status line.
        case nonsense(MessageError)
    }

    /// What decides whether a request may be sent again (RFC 9110 §9.2.2).
    struct Request: Equatable {
        /// Doing it twice is as good as once, by its method or because an `Idempotency-Key` says that the backend will
        /// know it.
        var isRepeatable = false
        /// Everything of it was taken from the client.
        var isComplete = false
        /// Everything sent so far is still held.
        var isReplayable = true
        /// A byte of it was written to the present connection.
        var isWritten = false
        /// It was already sent again once, because a connection that had taken it failed.
        var wasRepeated = false
    }

    /// What has come of an answer on the present connection.
    struct Answer: Equatable {
        /// A byte came.
        var isBegun = false
        /// So many interim responses came.
        var interimCount = 0
    }

    /// What a failure says of the backend.
    enum Blame: Equatable {
        /// Nothing.
        case none
        /// It cannot be connected to.
        case unreachable
        /// It took a request and broke. The request may be at fault, so this asks for a look at the backend rather
        /// than for a verdict: one bad request must not take one backend out after the other.
        case suspect
    }

    /// What to do.
    enum Action: Equatable {
        /// Try the next backend alive.
        case tryNext(Blame)
        /// Try the same backend again on a fresh connection: the idle one had died of age.
        case replay
        /// Answer with the failure.
        case fail(GatewayFailure, Blame)
        /// Break the answer off so that the client sees it.
        case breakOff
        /// Nothing: it was over anyway.
        case none
    }

    /// More interim responses than any backend has reason to send.
    private static let maxInterim = 16

    private(set) var state = State.finished
    private(set) var request = Request()
    private(set) var answer = Answer()

    // MARK: The course of an exchange

    /// An exchange begins.
    mutating func begin(isRepeatable: Bool, isComplete: Bool) {
        request = Request(isRepeatable: isRepeatable, isComplete: isComplete)
    }

    /// A connection is being made.
    mutating func connect() { enter(.connecting) }

    /// The request is to go out on a connection.
    mutating func send(onReused isReused: Bool) { enter(.awaitingHead(isReused: isReused)) }

    private mutating func enter(_ attempt: State) {
        state = attempt
        request.isWritten = false
        answer = Answer()
    }

    /// Bytes of the request were written.
    mutating func wrote() { request.isWritten = true }

    /// Everything of the request was taken from the client.
    mutating func completed() { request.isComplete = true }

    /// What was sent is no longer held.
    mutating func forgetReplay() { request.isReplayable = false }

    /// Bytes of an answer came.
    mutating func answerBegan() { answer.isBegun = true }

    /// An interim response came.
    ///
    /// - Returns: `false` when there are too many.
    mutating func interim() -> Bool {
        answer.interimCount += 1
        return answer.interimCount <= Self.maxInterim
    }

    /// The final head of the answer came.
    mutating func stream() {
        state = .streaming
        request.isReplayable = false
    }

    /// The backend switched protocols.
    mutating func tunnel() {
        state = .tunnelling
        request.isReplayable = false
    }

    /// The exchange is over.
    mutating func finish() { state = .finished }

    // MARK: What follows from it

    /// Whether the head of an answer is waited for.
    var awaitsHead: Bool {
        if case .awaitingHead = state { true } else { false }
    }

    /// Whether bytes pass without meaning.
    var isTunnelling: Bool { state == .tunnelling }

    /// Whether there is a connection that takes the request.
    var takesBody: Bool {
        switch state {
        case .awaitingHead, .streaming: true
        case .connecting, .tunnelling, .finished: false
        }
    }

    /// Whether what is sent has to be held in case it is sent again.
    ///
    /// The first bytes that come back may turn out to be no answer, so only a whole head ends it.
    var holdsBody: Bool { request.isReplayable && answer.interimCount == 0 }

    /// Whether the client has begun to get an answer.
    var hasAnswered: Bool { state == .streaming || isTunnelling }

    /// Whether the request may go to another backend because its own went down while it waits.
    ///
    /// Only once: a request that itself freezes backends must not go through all of them.
    var mayLeave: Bool { awaitsHead && !answer.isBegun && mayRepeat && !request.wasRepeated }

    /// The request left its backend, which had it.
    mutating func leave() { request.wasRepeated = true }

    private var mayRepeat: Bool { request.isReplayable && (request.isRepeatable || !request.isWritten) }

    /// Decides about an attempt that failed.
    mutating func action(after failure: Failure) -> Action {
        switch state {
        case .connecting: Self.afterConnect(failure)
        case .awaitingHead where hasAnswer(failure): .fail(Self.gatewayFailure(failure), .none)
        case .awaitingHead(isReused: true): mayRepeat ? .replay : .fail(Self.gatewayFailure(failure), .none)
        case .awaitingHead(isReused: false): afterNewConnection(failure)
        case .streaming, .tunnelling: .breakOff
        case .finished: .none
        }
    }

    private static func afterConnect(_ failure: Failure) -> Action {
        guard case .searchTimeout(let isCutShort) = failure else { return .tryNext(.unreachable) }
        return .fail(.searchTimedOut, isCutShort ? .none : .unreachable)
    }

    /// Nonsense is no answer, unless interim responses came before it: on a connection that had rested it may be left
    /// of the answer before.
    private func hasAnswer(_ failure: Failure) -> Bool {
        if case .nonsense = failure { answer.interimCount > 0 } else { answer.isBegun }
    }

    /// A fresh connection that took the request and broke: sent to one more backend, but never through all of them.
    private mutating func afterNewConnection(_ failure: Failure) -> Action {
        if case .nonsense = failure { return .fail(Self.gatewayFailure(failure), .none) }
        let blame = failure == .reset ? Blame.suspect : .none
        guard mayRepeat, !request.wasRepeated else { return .fail(.closedBeforeHead, blame) }
        request.wasRepeated = request.isWritten
        return .tryNext(blame)
    }

    /// What the client is told when the request is not sent again.
    private static func gatewayFailure(_ failure: Failure) -> GatewayFailure {
        if case .nonsense(let error) = failure { .badAnswer(error) } else { .closedBeforeHead }
    }
}

extension ExchangeStateMachine {
    /// A machine in the midst of an exchange.
    init(_ state: State, _ request: Request, _ answer: Answer) {
        self.state = state
        self.request = request
        self.answer = answer
    }
}
