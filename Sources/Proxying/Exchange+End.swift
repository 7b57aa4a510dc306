internal import Balancing
internal import Configuration
internal import Events
internal import HTTPMessages
internal import Observability
internal import Upstreams

/// How an exchange ends: well, with an answer of the gateway's own, or broken off.
extension Exchange {
    /// The answer is complete: both connections go on to their next exchange, or close.
    func finish(failure: GatewayFailure?) {
        guard let client else { return }
        record(failure)
        let wasComplete = isRequestComplete
        // The stop may have come after the head was sent.
        let keepsClient = keepsClient && wasComplete && worker.keepsClients
        releaseUpstream(reusable: keepsUpstream && wasComplete)
        retire()
        client.exchangeEnded(keepsAlive: keepsClient, isRequestComplete: wasComplete)
    }

    /// Ends with an answer of the gateway's own, or breaks off what the client has already begun to get.
    func end(with failure: GatewayFailure) {
        guard let client else { return }
        switch machine.state {
        case .streaming, .tunnelling: return breakOff(failure)
        case .connecting, .awaitingHead, .finished: break
        }
        keepsClient = mayKeepClient(after: failure)
        status = failure.status
        answerBytes = kind == .head ? 0 : failure.sentence.utf8CodeUnitCount + 1
        worker.outgoing.clear()
        GatewayAnswer.write(
            failure,
            retryAfter: retryAfter(failure),
            isHead: kind == .head,
            keepsAlive: keepsClient,
            wallSeconds: LoopTime.wallSeconds(),
            id: RequestIDText(head, marks.id),
            to: worker.outgoing
        )
        client.send(worker.outgoing)
        keepsUpstream = false
        finish(failure: failure)
    }

    /// Breaks an answer off so that the client cannot take it for complete (RFC 9112 §8).
    func breakOff(_ failure: GatewayFailure) {
        guard let client else { return }
        record(failure)
        releaseUpstream(reusable: false)
        let hidesItsEnd = hidesItsEnd
        retire()
        client.exchangeAbandoned()
        if hidesItsEnd { client.abort() } else { client.closeWhenWritten() }
    }

    /// The client went away: the backend's work is cancelled.
    func clientGone() { abandon(.clientGone) }

    /// The client is there but stopped taking the answer.
    func clientStalled() { abandon(.clientStalled) }

    /// The process stops and waits no longer.
    func cut() { abandon(.cut) }

    /// Both sides of a tunnel have ended, or it rested too long.
    func finishTunnel(failure: GatewayFailure?) {
        guard let client else { return }
        record(failure)
        if let upstream {
            upstream.release()
            upstream.closeWhenWritten()
        }
        upstream = nil
        retire()
        client.exchangeAbandoned()
        client.closeWhenWritten()
    }

    /// Closes the upstream connection and forgets it.
    func dropUpstream() { releaseUpstream(reusable: false) }

    private func abandon(_ failure: GatewayFailure) {
        guard let client else { return }
        if status == 0 || (failure != .cut && status != 101) { status = failure.status }
        record(failure)
        releaseUpstream(reusable: false)
        let hidesItsEnd = hidesItsEnd
        retire()
        client.exchangeAbandoned()
        if hidesItsEnd { client.abort() } else { client.close() }
    }

    /// The client would take the end of its connection for the end of the answer.
    private var hidesItsEnd: Bool {
        switch machine.state {
        case .streaming: answerFraming == .untilClose
        case .connecting, .awaitingHead, .tunnelling, .finished: false
        }
    }

    /// Whether the connection survives an answer of the gateway's own: only when nothing of the request is left and
    /// nothing was wrong with it.
    private func mayKeepClient(after failure: GatewayFailure) -> Bool {
        guard clientWantsKeepAlive, clientSpeaks11, isRequestComplete, worker.keepsClients else {
            return false
        }
        switch failure {
        case .refused, .methodNotAllowed, .headTimedOut, .clientBodyTimedOut, .clientGone, .clientStalled,
            .cut:
            return false
        case .noBackendAlive, .localShortage, .connectFailed, .connectTimedOut, .closedBeforeHead, .badAnswer,
            .unexpectedAnswer, .responseTimedOut, .readTimedOut, .requestTimedOut, .truncatedAnswer,
            .tunnelTimedOut:
            return true
        }
    }

    /// Seconds after which trying again makes sense: the next probe, or soon.
    private func retryAfter(_ failure: GatewayFailure) -> Int? {
        switch failure {
        case .noBackendAlive: worker.retryAfter
        case .localShortage: 1
        default: nil
        }
    }

    private func releaseUpstream(reusable: Bool) {
        guard let link = upstream else { return }
        upstream = nil
        link.release()
        let isClean = !link.isAtEnd && !link.isOutputBroken && link.queuedCount == 0
        if reusable, isClean, !worker.isDraining {
            worker.pool.put(link, backendLimit: upstreamIdleLimit)
        } else {
            link.close()
        }
    }

    func retire() {
        machine.finish()
        client = nil
        reset()
        worker.recycle(self)
    }
}
