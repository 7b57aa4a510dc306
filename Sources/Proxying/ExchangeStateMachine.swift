internal import HTTPMessages

/// What an exchange does when its upstream connection fails: the rules of retry and blame, without any I/O.
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

    /// How a connection failed.
    enum Failure: Equatable {
        /// It could not be made.
        case connect
        /// It could not be made in time.
        case connectTimeout
        /// The backend reset it.
        case reset
        /// The backend ended it in good order.
        case closed
        /// What came where an answer should begin is none: its first line is no status line.
        case nonsense(MessageError)
    }

    /// What decides whether a request may be sent again (RFC 9110 §9.2.2).
    struct Request: Equatable {
        /// Doing it twice is as good as once.
        var isIdempotent: Bool
        /// Everything sent so far is still held.
        var isReplayable: Bool
        /// A byte of it was written to the connection that failed.
        var isWritten: Bool
        /// A byte of the answer came back on it; nonsense is none.
        var isAnswered: Bool
        /// It was already sent again once, because a connection that had taken it failed.
        var wasResent: Bool
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

    private(set) var state = State.finished

    /// A connection is being made.
    mutating func connect() { state = .connecting }

    /// The request goes out on a connection.
    mutating func send(onReused isReused: Bool) { state = .awaitingHead(isReused: isReused) }

    /// The final head of the answer arrived.
    mutating func stream() { state = .streaming }

    /// The backend switched protocols.
    mutating func tunnel() { state = .tunnelling }

    /// The exchange is over.
    mutating func finish() { state = .finished }

    /// Decides about a failed connection.
    func action(after failure: Failure, of request: Request) -> Action {
        switch state {
        case .connecting: .tryNext(.unreachable)
        case .awaitingHead where request.isAnswered: .fail(Self.gatewayFailure(failure), .none)
        case .awaitingHead(isReused: true): afterIdleConnection(failure, request)
        case .awaitingHead(isReused: false): afterFreshConnection(failure, request)
        case .streaming, .tunnelling: .breakOff
        case .finished: .none
        }
    }

    /// An idle connection mostly dies of age, which is nobody's fault; or what is read is left of the answer before.
    private func afterIdleConnection(_ failure: Failure, _ request: Request) -> Action {
        let mayRepeat = (request.isIdempotent || !request.isWritten) && request.isReplayable
        return mayRepeat ? .replay : .fail(Self.gatewayFailure(failure), .none)
    }

    /// A fresh connection that took the request and broke: sent to one more backend, but never through all of them.
    private func afterFreshConnection(_ failure: Failure, _ request: Request) -> Action {
        if case .nonsense = failure { return .fail(Self.gatewayFailure(failure), .none) }
        let blame = failure == .reset ? Blame.suspect : .none
        let mayRepeat = failure == .reset || request.isIdempotent || !request.isWritten
        guard mayRepeat, request.isReplayable, !request.wasResent else {
            return .fail(.closedBeforeHead, blame)
        }
        return .tryNext(blame)
    }

    /// What the client is told when the request is not sent again.
    private static func gatewayFailure(_ failure: Failure) -> GatewayFailure {
        if case .nonsense(let error) = failure { .badAnswer(error) } else { .closedBeforeHead }
    }
}
