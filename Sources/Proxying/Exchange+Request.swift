internal import Balancing
internal import Events
internal import HTTPMessages
internal import Observability
internal import Upstreams

/// The request's body, on its way to the backend.
extension Exchange {
    /// Gets ready to take body bytes that have come.
    ///
    /// - Returns: `false` when they have to wait.
    func prepareForBody() -> Bool {
        guard machine.takesBody, let upstream, !upstream.isCongested else { return false }
        proxy.toBackend.clear()
        if !machine.request.isWritten { proxy.toBackend.append(request.head) }
        bodyStart = proxy.toBackend.count
        return true
    }

    /// Counts body bytes, before they are passed on.
    ///
    /// - Throws: when there are too many.
    func countBody(_ count: Int) throws(MessageError) {
        request.count(count)
        let limit = proxy.rules.maxBody
        if limit > 0, request.bodyBytes > limit { throw .bodyTooLarge }
    }

    /// Whether the body goes to the backend in chunks, so that pieces have to be appended.
    var framesBody: Bool { request.isChunked }

    /// Passes a piece of the body on as a chunk.
    func appendBody(_ bytes: Span<UInt8>, _ piece: Range<Int>) { proxy.toBackend.appendChunk(bytes, piece) }

    /// Passes the end of a chunked body on.
    func appendBodyEnd(_ trailers: ByteWriter?) throws(MessageError) {
        try proxy.toBackend.appendLastChunk(
            trailers,
            without: request.nominated,
            limits: proxy.rules.headLimits
        )
    }

    /// Sends what was appended, and `direct` right behind it.
    ///
    /// - Returns: `false` when the backend takes no more until it has drained.
    func flushBody(_ direct: Span<UInt8>, isEnd: Bool) -> Bool {
        guard let upstream else { return false }
        if machine.holdsBody, !replay.keep(proxy.toBackend, from: bodyStart, direct) {
            machine.forgetReplay()
        }
        upstream.send(proxy.toBackend, direct)
        machine.wrote()
        if isEnd {
            machine.completed()
            awaitAnswer()
        } else if upstream.isCongested {
            stream?.pauseBody()
            return false
        }
        return true
    }

    /// A client that waits for a 100 waits for the backend, and the client is not waited for.
    private var awaitsContinue: Bool {
        request.expectsContinue && request.bodyBytes == 0 && machine.answer.interimCount == 0
    }

    /// How long the body, or the word that it may come, is waited for.
    var bodyLimit: LoopInterval { awaitsContinue ? proxy.rules.response : proxy.rules.clientBody }

    /// Nothing of the body came in time: the client's fault, or the backend's that did not ask for it.
    func bodyIsLate() { end(with: awaitsContinue ? .responseTimedOut : .clientBodyTimedOut) }
}
