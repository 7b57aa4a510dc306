internal import Balancing
internal import Events
internal import HTTPMessages
internal import Observability
internal import Upstreams

/// The backend's side: what it answers, on its way to the client.
extension Exchange {
    /// Takes bytes from the backend.
    ///
    /// - Returns: how many were taken; an incomplete head is left to be given again.
    func takeAnswer(_ bytes: Span<UInt8>) -> Int {
        var position = 0
        while machine.awaitsHead, position < bytes.count {
            machine.answerBegan()
            guard let length = readHead(bytes.extracting(position...)) else { break }
            position += length
        }
        switch machine.state {
        case .streaming: streamAnswer(bytes, at: &position)
        case .tunnelling:
            passToClient(bytes.extracting(position...))
            position = bytes.count
        case .awaitingHead: if position > 0 { flushInterim() }
        case .connecting, .finished: position = bytes.count
        }
        return position
    }

    /// Reads one head, interim or final, and appends what the client gets of it.
    ///
    /// - Returns: its length, or `nil` when it is incomplete or has ended the attempt.
    private func readHead(_ bytes: Span<UInt8>) -> Int? {
        let limits = proxy.rules.headLimits
        guard answer.isWorthParsing(bytes, limits) else { return nil }
        do {
            guard let length = try proxy.responseHead.parse(bytes, limits: limits) else {
                answer.noteIncomplete(bytes)
                return nil
            }
            answer.beginHead()
            return accept(proxy.responseHead, bytes) ? length : nil
        } catch {
            guard error == .badStatusLine else {
                end(with: .badAnswer(error))
                return nil
            }
            releaseUpstream(reusable: false)
            carryOut(machine.action(after: .nonsense(error)))
            return nil
        }
    }

    /// Decides what a complete head means.
    ///
    /// - Returns: `false` when it ended the exchange.
    private func accept(_ head: ResponseHead, _ bytes: Span<UInt8>) -> Bool {
        guard let stream else { return false }
        switch head.status {
        case 101:
            guard request.wantsUpgrade, machine.request.isComplete, head.namesProtocol else { break }
            openTunnel(head, bytes, stream)
            return true
        case ..<200:
            guard machine.interim() else { break }
            stream.appendInterim(head, bytes)
            return true
        default:
            let framing = answer.take(
                head,
                bytes,
                to: request.kind,
                declinesBody: request.expectsContinue && machine.answer.interimCount == 0
                    && head.status >= 300,
                maxTrailers: proxy.rules.headLimits.maxSize
            )
            noteHead()
            machine.stream()
            stream.appendHead(head, bytes, framing: framing, id: request.id)
            return true
        }
        end(with: .unexpectedAnswer)
        return false
    }

    func noteHead() {
        let now = proxy.loop.now
        attempt.backend?.answered(at: now, after: attempt.headCame(at: now))
    }

    private func flushInterim() {
        guard let stream else { return }
        stream.flush(Span(), isLast: false)
        if stream.isBroken { return clientGone() }
        // From here on it is the client that is waited for.
        if request.expectsContinue, !machine.request.isComplete, upstream?.isCongested == false {
            stream.resumeBody(within: proxy.rules.clientBody)
        }
    }

    private func streamAnswer(_ bytes: Span<UInt8>, at position: inout Int) {
        guard let stream, let upstream else { return }
        do {
            let direct = try answer.passBody(bytes, at: &position, to: stream)
            stream.flush(bytes.extracting(direct), isLast: answer.isComplete)
        } catch {
            stream.flush(Span(), isLast: false)
            position = bytes.count
            return breakOff(.badAnswer(error))
        }
        if stream.isBroken {
            clientGone()
        } else if answer.isComplete {
            if position < bytes.count {
                answer.distrustUpstream()
                position = bytes.count
            }
            finish(nil)
        } else if stream.isCongested {
            upstream.pauseReading()
            upstream.clearDeadline()
        } else {
            upstream.setDeadline(after: proxy.rules.read)
        }
    }

    // MARK: Flow

    /// The client read on: the backend may, too.
    func clientDrained() {
        guard machine.hasAnswered, let upstream, let stream, !stream.isCongested else { return }
        upstream.resumeReading()
        if !machine.isTunnelling { upstream.setDeadline(after: proxy.rules.read) }
    }

    /// The backend read on: the client may, too.
    func upstreamDrained() {
        guard let upstream, let stream, !upstream.isCongested else { return }
        stream.resumeBody(within: machine.request.isComplete ? .zero : proxy.rules.clientBody)
    }

    // MARK: The backend's ends

    /// The backend ended the connection.
    func upstreamEnded(_ end: InputEnd) {
        switch machine.state {
        case .tunnelling: upstreamTunnelEnded()
        case .streaming where answer.endsAtClose && end == .announced:
            answer.endAtClose()
            stream?.appendEndAtClose()
            stream?.flush(Span(), isLast: true)
            finish(nil)
        case .connecting, .awaitingHead, .streaming, .finished: upstreamLost(.closed)
        }
    }

    /// The connection to the backend broke.
    func upstreamBroke() { upstreamLost(.reset) }

    /// The request cannot be written on; what the backend may have answered already is still read.
    func upstreamOutputFailed(timedOut: Bool) {
        if machine.isTunnelling { return breakOff(.truncatedAnswer) }
        if timedOut { end(with: .requestTimedOut) }
    }

    private func upstreamLost(_ failure: ExchangeStateMachine.Failure) {
        releaseUpstream(reusable: false)
        attempt.failed(as: .closedBeforeHead)
        carryOut(machine.action(after: failure))
    }
}
