internal import Balancing
internal import Events
internal import HTTPMessages
internal import Observability

/// What an exchange leaves behind: a step of each counter and a line in the access log.
extension Exchange {
    /// Records the end of the exchange, while everything about it is still known.
    ///
    /// - Parameter failure: why it did not go well.
    func record(_ failure: GatewayFailure?) {
        let total = LoopTime.current().nanoseconds(since: start)
        count(failure, total)
        guard proxy.rules.writesAccessLog, let stream else { return }
        var entry = AccessLogEntry(client: stream.origin.address.text, status: answer.status)
        entry.parts = request.marks
        entry.peerPort = stream.origin.peerPort
        if let backend = attempt.backend {
            entry.backend = backend.name
            entry.picked = attempt.reason
            entry.times.queue = attempt.start.nanoseconds(since: start)
        }
        entry.tries = attempt.count
        entry.received = request.bodyBytes
        entry.sent = answer.bytes
        entry.times.total = total
        entry.times.connect = attempt.connectTime
        entry.times.header = attempt.headTime
        if let failure {
            entry.end = failure.end
            entry.failure = failure.words
        }
        let bytes = request.head.storage
        proxy.accessLog.append(entry, bytes.span, at: proxy.logTime())
    }

    private func count(_ failure: GatewayFailure?, _ total: UInt64) {
        if let failure { proxy.count(failure) } else { proxy.counters.ended(.ok) }
        guard let backend = attempt.backend else { return }
        let bytes = request.head.storage
        let method = MethodLabel(bytes.span, request.marks.method)
        backend.counters.exchangeEnded(method, status: answer.status, nanoseconds: total)
        if machine.isTunnelling { backend.counters.tunnelClosed() }
    }
}

extension Proxy {
    /// Counts a request that did not end well.
    @inline(never)
    func count(_ failure: GatewayFailure) {
        counters.ended(failure.end)
        if let reason = failure.rejection { counters.rejected(reason) }
        switch failure {
        case .noBackendAlive: counters.foundNoBackend(.noneAlive)
        case .connectFailed, .connectTimedOut, .searchTimedOut: counters.foundNoBackend(.unreachable)
        case .localShortage: counters.foundNoBackend(.shortage)
        default: break
        }
    }
}
