internal import Balancing
internal import Events
internal import HTTPMessages
internal import Observability

/// Requests that never become an exchange, because they cannot be read or do not come in time.
extension HTTP1Session {
    /// Answers a request and closes.
    ///
    /// - Parameters:
    ///   - failure: why it is refused.
    ///   - bytes: what came of it, as the worker's parser saw it last.
    func refuse(_ failure: GatewayFailure, _ bytes: Span<UInt8>) {
        phase = .closing
        let isHead = RequestMethod(bytes, proxy.requestHead.method) == .head
        let request = RefusedRequest(bytes, proxy.requestHead, proxy.requestIDs, to: proxy.refused)
        keepsConnection = false
        GatewayAnswer.write(
            failure,
            retryAfter: nil,
            isHead: isHead,
            keepsAlive: false,
            wallSeconds: LoopTime.wallSeconds(),
            id: RequestIDText(proxy.refused, request.parts.id),
            to: output
        )
        flush(Span(), isLast: true)
        recordRefusal(failure, request.parts, bytesSent: isHead ? 0 : failure.bodyCount)
        connection.closeLingering(limit: Proxy.lingerLimit)
    }

    /// The head did not arrive in time: what is there of it is looked at once more, for the log.
    func refuseLate() {
        connection.peekHeld { bytes in
            _ = try? proxy.requestHead.parse(bytes, limits: proxy.rules.headLimits)
            refuse(.headTimedOut, bytes)
        }
    }

    private func recordRefusal(_ failure: GatewayFailure, _ parts: AccessLogEntry.Parts, bytesSent: Int) {
        proxy.count(failure)
        guard proxy.rules.writesAccessLog else { return }
        var entry = AccessLogEntry(client: origin.address.text, status: failure.status)
        entry.parts = parts
        entry.peerPort = origin.peerPort
        entry.sent = bytesSent
        entry.times.total = LoopTime.current().nanoseconds(since: requestStart ?? connection.loop.now)
        entry.end = failure.end
        entry.failure = failure.words
        let bytes = proxy.refused.storage
        proxy.accessLog.append(entry, bytes.span, at: proxy.logTime())
    }
}
