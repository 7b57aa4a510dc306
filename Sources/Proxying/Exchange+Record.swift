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
        guard worker.writesAccessLog, let client else { return }
        var entry = AccessLogEntry(client: client.address.text, status: status)
        entry.parts = marks
        entry.peerPort = client.peerPort
        if let backend {
            entry.backend = backend.name
            entry.picked = picked
            entry.times.queue = attemptStart.nanoseconds(since: start)
        }
        entry.tries = attempts
        entry.received = requestBodyBytes
        entry.sent = answerBytes
        entry.times.total = total
        entry.times.connect = connectTime
        entry.times.header = headTime
        if let failure {
            entry.end = failure.end
            entry.failure = failure.words
        }
        let bytes = head.storage
        worker.accessLog.append(entry, bytes.span, at: worker.logTime())
    }

    private func count(_ failure: GatewayFailure?, _ total: UInt64) {
        if let failure { worker.count(failure) } else { worker.counters.ended(.ok) }
        guard let backend else { return }
        let bytes = head.storage
        let method = MethodLabel(bytes.span, marks.method)
        backend.counters.exchangeEnded(method, status: status, nanoseconds: total)
        if case .tunnelling = machine.state { backend.counters.tunnelClosed() }
    }
}

extension ProxyWorker {
    /// Counts a request that did not end well.
    @inline(never)
    func count(_ failure: GatewayFailure) {
        counters.ended(failure.end)
        if let reason = failure.rejection { counters.rejected(reason) }
        switch failure {
        case .noBackendAlive: counters.foundNoBackend(.noneAlive)
        case .connectFailed, .connectTimedOut: counters.foundNoBackend(.unreachable)
        case .localShortage: counters.foundNoBackend(.shortage)
        default: break
        }
    }
}
