internal import Balancing
internal import Configuration
internal import Events
internal import HTTPMessages
internal import Observability

/// The client's side: the head is rewritten, the body follows as it arrives.
extension Exchange {
    /// Begins with the head that the worker's parser just read from the start of `bytes`.
    ///
    /// - Returns: how many bytes were taken; what is left of a body is asked for later.
    func begin(_ client: ClientConnection, _ bytes: Span<UInt8>, headLength: Int, at start: LoopTime) -> Int {
        self.client = client
        self.start = start
        let request = worker.requestHead
        kind = request.kind
        clientSpeaks11 = request.minorVersion >= 1
        clientWantsKeepAlive = request.wantsKeepAlive
        wantsUpgrade = request.offersUpgrade(bytes)
        expectsContinue = request.expectsContinue
        isRequestChunked = request.framing == .chunked
        if isRequestChunked { request.connection.copyNominated(bytes, to: requestOptions) }
        requestBody = BodyDecoder(request.framing, maxTrailers: worker.headLimits.maxSize)
        marks = RequestRewriter.write(
            request,
            bytes,
            from: RequestRewriter.Origin(
                client: client.address.text,
                localAuthority: request.host == nil ? client.localAuthority : ""
            ),
            upgrades: wantsUpgrade,
            ids: worker.requestIDs,
            to: head
        )
        if let answer = localAnswer(to: request, bytes) {
            answerLocally(answer, request, bytes)
            return headLength
        }
        if isRequestComplete { client.expect(.waiting) }
        attemptFirst()
        // An attempt that had to be repeated has sent the head already and asks for the body itself.
        guard case .awaitingHead = machine.state, !isHeadSent else { return headLength }
        var position = headLength
        forwardRequest(bytes, at: &position)
        return position
    }

    /// Takes body bytes from the client.
    ///
    /// - Returns: how many were taken; none while there is no connection to send them on.
    func requestBytes(_ bytes: Span<UInt8>) -> Int {
        switch machine.state {
        case .awaitingHead, .streaming:
            guard upstream?.isCongested == false else { return 0 }
            var position = 0
            forwardRequest(bytes, at: &position)
            return position
        case .connecting, .tunnelling: return 0
        case .finished: return bytes.count
        }
    }

    /// Sends what is there of the request, head first, and follows the body to its end.
    func forwardRequest(_ bytes: Span<UInt8>, at position: inout Int) {
        guard let upstream, let client else { return }
        if isRequestComplete {
            upstream.send(head)
            isHeadSent = true
            return requestSent()
        }
        worker.outgoing.clear()
        if !isHeadSent { worker.outgoing.append(head) }
        let headCount = worker.outgoing.count
        do {
            let direct = try takeBody(bytes, at: &position)
            remember(worker.outgoing, from: headCount, bytes.extracting(direct))
            upstream.send(worker.outgoing, bytes.extracting(direct))
            isHeadSent = true
        } catch {
            return end(with: .refused(error))
        }
        if isRequestComplete {
            client.clearDeadline()
            client.expect(.waiting)
            requestSent()
        } else if upstream.isCongested {
            client.pauseReading()
            client.clearDeadline()
        } else {
            client.setDeadline(after: bodyLimit)
        }
    }

    /// A client that waits for a 100 waits for the backend, and nobody waits for the client.
    private var awaitsContinue: Bool { expectsContinue && requestBodyBytes == 0 && interimCount == 0 }

    /// How long the body, or the word that it may come, is waited for.
    var bodyLimit: LoopInterval { awaitsContinue ? worker.timeouts.response : worker.timeouts.clientBody }

    /// Nothing of the body came in time: the client's fault, or the backend's that did not ask for it.
    func bodyTimedOut() { end(with: awaitsContinue ? .responseTimedOut : .clientBodyTimedOut) }

    /// Takes all of the body that is there: chunked data is framed anew into the worker's buffer, anything else is
    /// returned as the range to send.
    private func takeBody(_ bytes: Span<UInt8>, at position: inout Int) throws(MessageError) -> Range<Int> {
        var direct = position..<position
        while true {
            switch try requestBody.next(bytes, at: &position) {
            case .needsMore: return direct
            case .data(let piece):
                requestBodyBytes += piece.count
                if worker.maxBody > 0, requestBodyBytes > worker.maxBody { throw .bodyTooLarge }
                if isRequestChunked {
                    worker.outgoing.appendChunk(bytes, piece)
                } else {
                    direct = piece
                }
                if requestBody.isFinished { return direct }
            case .end:
                if isRequestChunked {
                    try worker.outgoing.appendLastChunk(
                        requestBody.takeTrailers(),
                        without: requestOptions,
                        limits: worker.headLimits
                    )
                }
                return direct
            }
        }
    }

    /// Keeps what is sent of the body until an answer begins, as long as it is little.
    private func remember(_ framed: ByteWriter, from start: Int, _ direct: Span<UInt8>) {
        guard isReplayable, !isAnswered else { return }
        guard sentBody.count + framed.count - start + direct.count <= ProxyWorker.replayLimit else {
            isReplayable = false
            return sentBody.clear(keepingAtMost: 0)
        }
        sentBody.append(framed, from: start)
        sentBody.append(direct)
    }

    /// The request is complete: from now on the backend is waited for.
    func requestSent() {
        guard case .awaitingHead = machine.state else { return }
        upstream?.setDeadline(after: worker.timeouts.response)
    }

    // MARK: Answers without a backend

    private enum LocalAnswer {
        case refusal(GatewayFailure)
        case trace
        case options
    }

    private func localAnswer(to request: RequestHead, _ bytes: Span<UInt8>) -> LocalAnswer? {
        if request.kind == .connect { return .refusal(.methodNotAllowed) }
        if case .length(let count) = request.framing, worker.maxBody > 0, count > worker.maxBody {
            return .refusal(.refused(.bodyTooLarge))
        }
        let isTrace = request.kind == .idempotent && request.method.count == 5
        // A client must not send content in a TRACE request (RFC 9110 §9.3.8).
        if isTrace, request.framing != .none { return .refusal(.refused(.conflictingFraming)) }
        guard request.maxForwards == 0 else { return nil }
        return isTrace ? .trace : .options
    }

    /// Answers as the final recipient (RFC 9110 §7.6.2), or refuses.
    private func answerLocally(_ answer: LocalAnswer, _ request: RequestHead, _ bytes: Span<UInt8>) {
        switch answer {
        case .refusal(let failure): return end(with: failure)
        case .trace, .options: break
        }
        keepsClient = clientWantsKeepAlive && clientSpeaks11 && isRequestComplete && worker.keepsClients
        worker.outgoing.clear()
        let wallSeconds = LoopTime.wallSeconds()
        if case .trace = answer {
            answerBytes = GatewayAnswer.writeTrace(
                request,
                bytes,
                keepsAlive: keepsClient,
                wallSeconds: wallSeconds,
                id: RequestIDText(head, marks.id),
                to: worker.outgoing
            )
        } else {
            GatewayAnswer.writeOptions(
                keepsAlive: keepsClient,
                wallSeconds: wallSeconds,
                id: RequestIDText(head, marks.id),
                to: worker.outgoing
            )
        }
        status = 200
        client?.send(worker.outgoing)
        finish(failure: nil)
    }
}
