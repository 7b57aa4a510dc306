internal import Configuration
internal import Events
internal import HTTPMessages
internal import Observability
internal import Upstreams

/// The backend's side: the head is rewritten, the body follows as it arrives.
extension Exchange {
    /// More interim responses than any backend has reason to send.
    private static let maxInterim = 16

    /// Takes bytes of the answer.
    ///
    /// - Returns: how many were taken; an incomplete head is left to be given again.
    func responseBytes(_ bytes: Span<UInt8>) -> Int {
        var position = 0
        worker.outgoing.clear()
        while case .awaitingHead = machine.state, position < bytes.count {
            isAnswered = true
            let rest = bytes.extracting(position...)
            guard let length = readHead(rest) else { break }
            position += length
        }
        switch machine.state {
        case .streaming: streamAnswer(bytes, at: &position)
        case .tunnelling:
            fromBackend?.follow(bytes.extracting(position...))
            client?.send(worker.outgoing, bytes.extracting(position...))
            answerBytes += bytes.count - position
            position = bytes.count
            afterTunnelWrite()
        case .awaitingHead: sendInterim()
        case .connecting, .finished: position = bytes.count
        }
        return position
    }

    // MARK: The head

    /// Reads one head, interim or final, and writes what the client gets of it.
    ///
    /// - Returns: its length, or `nil` when it is incomplete or has ended the exchange.
    private func readHead(_ bytes: Span<UInt8>) -> Int? {
        if !answerScanner.isFresh, !isWorthParsing(bytes) { return nil }
        do {
            guard let length = try worker.responseHead.parse(bytes, limits: worker.headLimits) else {
                if answerScanner.isFresh { _ = isWorthParsing(bytes) }
                return nil
            }
            answerScanner = HeadScanner()
            return accept(bytes) ? length : nil
        } catch {
            refuseHead(error)
            return nil
        }
    }

    /// Ends the exchange, or repeats it.
    ///
    /// What comes first on a connection that had rested and is no status line may be the rest of an answer that was
    /// longer than it said; then the real one can still be had.
    private func refuseHead(_ error: MessageError) {
        guard error == .badStatusLine else { return end(with: .badAnswer(error)) }
        var facts = replayFacts
        facts.isAnswered = interimCount > 0
        dropUpstream()
        carryOut(machine.action(after: .nonsense(error), of: facts))
    }

    private func isWorthParsing(_ bytes: Span<UInt8>) -> Bool {
        var scanner = answerScanner
        defer { answerScanner = scanner }
        return scanner.isWorthParsing(bytes) || bytes.count >= worker.headLimits.maxSize
    }

    /// Decides what a complete head means.
    ///
    /// - Returns: `false` when it ended the exchange.
    private func accept(_ bytes: Span<UInt8>) -> Bool {
        switch worker.responseHead.status {
        case 101: return acceptSwitch(bytes)
        case ..<200:
            interimCount += 1
            guard interimCount <= Self.maxInterim else {
                end(with: .unexpectedAnswer)
                return false
            }
            if clientSpeaks11 {
                ResponseRewriter.writeInterim(worker.responseHead, bytes, to: worker.outgoing)
            }
            return true
        default:
            acceptFinal(bytes)
            return true
        }
    }

    private func acceptFinal(_ bytes: Span<UInt8>) {
        status = worker.responseHead.status
        noteHead()
        let framing = worker.responseHead.framing(answering: kind)
        answerBody = BodyDecoder(framing, maxTrailers: worker.headLimits.maxSize)
        answerFraming = framingForClient(framing)
        if framing == .chunked { worker.responseHead.connection.copyNominated(bytes, to: answerOptions) }
        keepsClient =
            clientWantsKeepAlive && worker.keepsClients && answerFraming != .untilClose && isRequestComplete
        keepsUpstream =
            worker.responseHead.keepsConnection && framing != .untilClose && !announcesMissingBody
            && !declinesBody
        upstreamIdleLimit = worker.responseHead.keepAliveTimeout.map { .seconds($0) }
        machine.stream()
        isReplayable = false
        ResponseRewriter.write(
            worker.responseHead,
            bytes,
            plan: ResponseRewriter.Plan(
                framing: answerFraming,
                closes: !keepsClient,
                announcesKeepAlive: keepsClient && !clientSpeaks11,
                upgrades: false,
                wallSeconds: worker.responseHead.hasDate ? 0 : LoopTime.wallSeconds()
            ),
            id: RequestIDText(head, marks.id),
            to: worker.outgoing
        )
    }

    /// Takes the time of the final head.
    func noteHead() {
        let time = worker.loop.now.nanoseconds(since: linkStart)
        headTime = time
        backend?.counters.headCame(after: time)
    }

    /// The answer speaks of a body that must not come (HEAD, 204, 304).
    ///
    /// Not every backend knows that, and a body that came after all would be the answer to the next request on the
    /// connection.
    private var announcesMissingBody: Bool {
        guard kind == .head || status == 204 || status == 304 else { return false }
        return worker.responseHead.announcesBody
    }

    /// The answer says no to a client that asked before it sent its body (RFC 9110 §10.1.1).
    ///
    /// A backend may think that the body never comes and take it, which is on its way or there, for the next request.
    private var declinesBody: Bool { expectsContinue && interimCount == 0 && status >= 300 }

    private func framingForClient(_ framing: BodyFraming) -> BodyFraming {
        switch framing {
        case .none, .length: framing
        case .chunked, .untilClose: clientSpeaks11 ? .chunked : .untilClose
        }
    }

    private func sendInterim() {
        guard !worker.outgoing.isEmpty, let client else { return }
        client.send(worker.outgoing)
        if client.isOutputBroken { return clientGone() }
        // From here on it is the client that is waited for.
        if expectsContinue, !isRequestComplete { client.setDeadline(after: worker.timeouts.clientBody) }
    }

    // MARK: The body

    private func streamAnswer(_ bytes: Span<UInt8>, at position: inout Int) {
        guard let client, let upstream else { return }
        do {
            let direct = try takeAnswer(bytes, at: &position)
            let isLast = answerBody.isFinished && !keepsClient
            client.send(worker.outgoing, bytes.extracting(direct), isLast: isLast)
        } catch {
            client.send(worker.outgoing)
            position = bytes.count
            return breakOff(.badAnswer(error))
        }
        if client.isOutputBroken {
            clientGone()
        } else if answerBody.isFinished {
            if position < bytes.count {
                // Bytes nobody asked for: whatever they are, they must not meet the next request.
                keepsUpstream = false
                position = bytes.count
            }
            finish(failure: nil)
        } else if client.isCongested {
            upstream.pauseReading()
            upstream.clearDeadline()
        } else {
            upstream.setDeadline(after: worker.timeouts.read)
        }
    }

    /// Takes all of the body that is there: what the client gets in chunks goes into the worker's buffer, anything
    /// else is returned as the range to send.
    private func takeAnswer(_ bytes: Span<UInt8>, at position: inout Int) throws(MessageError) -> Range<Int> {
        var direct = position..<position
        while true {
            switch try answerBody.next(bytes, at: &position) {
            case .needsMore: return direct
            case .data(let piece):
                answerBytes += piece.count
                if answerFraming == .chunked {
                    worker.outgoing.appendChunk(bytes, piece)
                } else if direct.isEmpty {
                    direct = piece
                } else {
                    // A chunked answer to an HTTP/1.0 client, in more than one piece.
                    worker.outgoing.append(bytes, direct)
                    direct = piece
                }
                if case .length = answerFraming, answerBody.isFinished { return direct }
            case .end:
                try endAnswer(answerBody.takeTrailers())
                return direct
            }
        }
    }

    private func endAnswer(_ trailers: ByteWriter?) throws(MessageError) {
        if answerFraming == .chunked {
            try worker.outgoing.appendLastChunk(trailers, without: answerOptions, limits: worker.headLimits)
        } else if let trailers {
            try TrailerSection.check(trailers, limits: worker.headLimits)
        }
    }

    // MARK: Flow

    /// The client read on: the backend may, too.
    func clientDrained() {
        guard let upstream, let client, !client.isCongested else { return }
        switch machine.state {
        case .streaming:
            upstream.resumeReading()
            upstream.setDeadline(after: worker.timeouts.read)
        case .tunnelling: upstream.resumeReading()
        case .connecting, .awaitingHead, .finished: break
        }
    }

    /// The backend read on: the client may, too.
    func upstreamDrained() {
        guard let upstream, let client, !upstream.isCongested else { return }
        client.resumeReading()
        client.deliverHeldSoon()
        if !isRequestComplete { client.setDeadline(after: worker.timeouts.clientBody) }
    }

    // MARK: Failures

    /// The backend ended the connection in good order.
    func upstreamEnded() {
        switch machine.state {
        case .tunnelling: upstreamTunnelEnded()
        case .streaming where answerBody.endsAtClose: finishAtClose()
        case .connecting, .awaitingHead, .streaming, .finished: upstreamLost(.closed)
        }
    }

    /// The connection to the backend broke.
    func upstreamBroke() { upstreamLost(.reset) }

    /// The request cannot be written on; what the backend may have answered already is still read.
    func upstreamOutputFailed(timedOut: Bool) {
        if case .tunnelling = machine.state { return breakOff(.truncatedAnswer) }
        if timedOut { end(with: .requestTimedOut) }
    }

    /// The backend took too long.
    func upstreamDeadlinePassed() {
        if case .awaitingHead = machine.state {
            end(with: .responseTimedOut)
        } else {
            breakOff(.readTimedOut)
        }
    }

    private func upstreamLost(_ failure: ExchangeStateMachine.Failure) {
        let facts = replayFacts
        dropUpstream()
        lastFailure = .closedBeforeHead
        carryOut(machine.action(after: failure, of: facts))
    }

    /// The end of the connection is the end of the body.
    private func finishAtClose() {
        answerBody.abandon()
        if answerFraming == .chunked {
            worker.outgoing.clear()
            worker.outgoing.append("0\r\n\r\n")
            client?.send(worker.outgoing)
        }
        finish(failure: nil)
    }
}
