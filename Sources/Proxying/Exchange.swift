internal import Balancing
internal import Events
internal import HTTPMessages
internal import Observability
internal import Upstreams

/// One request with its answer: the driver between a client's stream and connections to backends.
///
/// The decisions are the state machine's; this carries them out. Exchanges are recycled when a turn of the loop ends,
/// so their memory is allocated once for as many as run at a time.
final class Exchange {
    let proxy: Proxy
    var stream: ClientStream?
    var upstream: UpstreamConnection?
    var machine = ExchangeStateMachine()
    var request = RequestRecord()
    let replay = ReplayBuffer()
    var attempt = Attempt()
    var answer = AnswerRecord()
    var webSocket = WebSocketRelay()
    /// The first byte of the request came.
    var start = LoopTime(nanoseconds: 0)
    /// How much of the scratch memory is head, while body bytes are appended to it.
    var bodyStart = 0
    /// The next exchange at rest, for their list.
    var nextAtRest: Exchange?
    /// Its place among the exchanges of its backend, for their list.
    var place = 0

    init(_ proxy: Proxy) {
        self.proxy = proxy
    }

    // MARK: The beginning

    /// Begins with the head that was just parsed from the start of `bytes`.
    ///
    /// - Parameters:
    ///   - stream: where it came from.
    ///   - head: the head.
    ///   - bytes: what it was parsed from.
    ///   - localAuthority: the authority the client connected to, for a request that names none.
    ///   - start: when its first byte came.
    func begin(
        _ stream: ClientStream,
        _ head: RequestHead,
        _ bytes: Span<UInt8>,
        localAuthority: String,
        at start: LoopTime
    ) {
        self.stream = stream
        self.start = start
        let origin = RequestRewriter.Origin(
            client: stream.origin.address.text,
            localAuthority: localAuthority
        )
        request.take(head, bytes, from: origin, ids: proxy.requestIDs)
        machine.begin(
            isRepeatable: head.kind.isIdempotent || head.hasIdempotencyKey,
            isComplete: !head.framing.announcesBody
        )
        if let local = LocalAnswer(to: head, maxBody: proxy.rules.maxBody) {
            answerLocally(local, head, bytes)
        } else {
            attemptFirst()
        }
    }

    private func answerLocally(_ local: LocalAnswer, _ head: RequestHead, _ bytes: Span<UInt8>) {
        guard let stream else { return }
        switch local {
        case .refusal(let failure): return end(with: failure)
        case .trace: answer.count(stream.appendTrace(head, bytes, id: request.id))
        case .options: stream.appendOptions(id: request.id)
        }
        answer.told(200)
        stream.flush(Span(), isLast: true)
        finish(nil)
    }

    // MARK: The end

    /// The answer is complete: both connections go on to their next exchange, or close.
    func finish(_ failure: GatewayFailure?) {
        guard let stream else { return }
        record(failure)
        releaseUpstream(reusable: answer.keepsUpstream && machine.request.isComplete)
        retire()
        stream.finish()
    }

    /// Ends with an answer of the gateway's own, or breaks off what the client has already begun to get.
    func end(with failure: GatewayFailure) {
        guard let stream else { return }
        if machine.hasAnswered { return breakOff(failure) }
        answer.told(failure.status)
        if request.kind != .head { answer.count(failure.bodyCount) }
        stream.appendFailure(
            failure,
            retryAfter: proxy.retryAfter(failure),
            isHead: request.kind == .head,
            id: request.id
        )
        stream.flush(Span(), isLast: true)
        answer.distrustUpstream()
        finish(failure)
    }

    /// Breaks an answer off so that the client cannot take it for complete.
    func breakOff(_ failure: GatewayFailure) { breakOff(failure, .whenWritten) }

    /// The client went away: the backend's work is cancelled.
    func clientGone() { abandon(.clientGone) }

    /// The client is there but stopped taking the answer.
    func clientStalled() { abandon(.clientStalled) }

    /// The process stops and waits no longer.
    func cut() { abandon(.cut) }

    private func abandon(_ failure: GatewayFailure) {
        if answer.status == 0 || (failure != .cut && answer.status != 101) { answer.told(failure.status) }
        breakOff(failure, .atOnce)
    }

    private func breakOff(_ failure: GatewayFailure, _ ending: AnswerEnding) {
        guard let stream else { return }
        record(failure)
        releaseUpstream(reusable: false)
        retire()
        stream.breakOff(ending)
    }

    func releaseUpstream(reusable: Bool) {
        guard let released = upstream else { return }
        upstream = nil
        released.release()
        let isClean = !released.isAtEnd && !released.isOutputBroken && released.queuedCount == 0
        if reusable, isClean, !proxy.isDraining {
            proxy.pool.put(released, backendLimit: answer.upstreamIdleLimit)
        } else {
            released.close()
        }
    }

    func retire() {
        machine.finish()
        attempt.backend?.exchanges.remove(self)
        stream = nil
        request.reset()
        replay.reset()
        attempt.reset()
        answer.reset()
        webSocket = WebSocketRelay()
        proxy.recycle(self)
    }
}
