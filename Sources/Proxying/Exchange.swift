internal import Balancing
internal import Events
internal import HTTPMessages
internal import Observability
internal import Upstreams

/// One request with its answer: the driver between a client and an upstream connection.
///
/// The decisions are the state machine's; this carries them out. Exchanges are recycled, so their memory is allocated
/// once for as many as run at a time.
///
/// The parts: `+Request` takes the client's side, `+Attempt` chooses backends and connects, `+Response` takes the
/// backend's side, `+Tunnel` carries upgraded connections, `+End` brings everything to an end.
final class Exchange {
    let worker: ProxyWorker
    var client: ClientConnection?
    var upstream: UpstreamConnection?
    var machine = ExchangeStateMachine()
    /// The next one at rest, while this one is.
    var nextSpare: Exchange?

    // MARK: The request

    /// The head as the backend sees it, kept until the answer's head in case it has to be sent again.
    let head = ByteWriter(capacity: 1024)
    var marks = AccessLogEntry.Parts()
    var kind = RequestMethod.other
    var clientSpeaks11 = true
    var clientWantsKeepAlive = true
    var wantsUpgrade = false
    var expectsContinue = false
    var requestBody = BodyDecoder(.none, maxTrailers: 0)
    var isRequestChunked = false
    /// What the request's `Connection` listed, kept for its trailers.
    let requestOptions = ByteWriter()
    var requestBodyBytes = 0
    /// Body bytes as they were sent, kept for the same reason as the head.
    let sentBody = ByteWriter()
    var isReplayable = true

    // MARK: The attempts

    var backend: WorkerBackend?
    /// The positions tried in vain, in the order of `triedGeneration`.
    var tried = AliveSet(count: 0, allAlive: false)
    var triedGeneration: UInt64 = 0
    /// Why `backend` was chosen.
    var picked = PickReason.hash
    /// How many attempts were begun.
    var attempts = 0
    var lastFailure = GatewayFailure.connectFailed
    /// The system's error number of the last connect that failed.
    var connectError: Int32 = 0
    var isHeadSent = false
    /// How often the request was sent again after a connection that had taken it failed.
    var resendCount = 0

    // MARK: The answer

    var answerScanner = HeadScanner()
    var isAnswered = false
    var interimCount = 0
    var status = 0
    var answerBody = BodyDecoder(.none, maxTrailers: 0)
    var answerFraming = BodyFraming.none
    /// What the answer's `Connection` listed, kept for its trailers.
    let answerOptions = ByteWriter()
    var answerBytes = 0
    var keepsClient = false
    var keepsUpstream = false
    var upstreamIdleLimit: LoopInterval?

    // MARK: The tunnel

    /// What of a WebSocket has passed each way; `nil` for every other protocol.
    var fromClient: WebSocketFrames?
    var fromBackend: WebSocketFrames?
    /// The server goes away: the next pause between two frames ends the tunnel.
    var isParting = false

    // MARK: The times

    /// The first byte of the request came.
    var start = LoopTime(nanoseconds: 0)
    /// The last attempt began.
    var attemptStart = LoopTime(nanoseconds: 0)
    /// The connection was there for the request.
    var linkStart = LoopTime(nanoseconds: 0)
    /// Nanoseconds that the last attempt took to connect; `nil` when it used a connection again.
    var connectTime: UInt64?
    /// Nanoseconds from the connection to the final head of the answer.
    var headTime: UInt64?

    init(_ worker: ProxyWorker) {
        self.worker = worker
    }

    /// Whether everything of the request was taken from the client.
    var isRequestComplete: Bool { requestBody.isFinished }

    /// Back to the state of a new exchange, keeping a little memory.
    func reset() {
        head.clear(keepingAtMost: 16 * 1024)
        marks = AccessLogEntry.Parts()
        requestBodyBytes = 0
        if !requestOptions.isEmpty { requestOptions.clear(keepingAtMost: 1024) }
        sentBody.clear(keepingAtMost: 4 * 1024)
        isReplayable = true
        backend = nil
        if tried.count > 0 { tried = AliveSet(count: 0, allAlive: false) }
        attempts = 0
        connectTime = nil
        headTime = nil
        lastFailure = .connectFailed
        isHeadSent = false
        resendCount = 0
        answerScanner = HeadScanner()
        isAnswered = false
        interimCount = 0
        status = 0
        answerFraming = .none
        if !answerOptions.isEmpty { answerOptions.clear(keepingAtMost: 1024) }
        answerBytes = 0
        keepsClient = false
        keepsUpstream = false
        upstreamIdleLimit = nil
        fromClient = nil
        fromBackend = nil
        isParting = false
    }
}
