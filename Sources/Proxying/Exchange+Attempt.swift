internal import Balancing
internal import Configuration
internal import Events
internal import HTTPMessages
internal import Observability
internal import Upstreams

/// Choosing a backend, connecting to it, and trying again elsewhere.
extension Exchange {
    /// Tries the backend that the client's address says.
    func attemptFirst() {
        guard let client else { return }
        worker.followBoard()
        guard let backend = worker.view.pick(client.key) else {
            worker.reportNoBackend()
            return end(with: .noBackendAlive)
        }
        attempt(backend, worker.view.isHome(backend, of: client.key) ? .hash : .next, reusing: true)
    }

    /// The connection stands: the request goes out, with what was held of its body.
    func upstreamConnected() {
        guard let upstream else { return }
        linkStart = worker.loop.now
        connectTime = linkStart.nanoseconds(since: attemptStart)
        machine.send(onReused: false)
        upstream.send(head, sentBody)
        isHeadSent = true
        if isRequestComplete {
            requestSent()
        } else {
            askForBody()
        }
    }

    /// The connection could not be made.
    ///
    /// - Parameter code: the system's error number.
    func upstreamConnectFailed(_ code: Int32) {
        upstream = nil
        connectError = code
        let timedOut = code == SystemError.timedOut
        lastFailure = timedOut ? .connectTimedOut : .connectFailed
        carryOut(machine.action(after: timedOut ? .connectTimeout : .connect, of: replayFacts))
    }

    /// What the state machine must know of the request to decide about another attempt.
    var replayFacts: ExchangeStateMachine.Request {
        ExchangeStateMachine.Request(
            isIdempotent: kind.isIdempotent,
            isReplayable: isReplayable,
            isWritten: isHeadSent,
            isAnswered: isAnswered,
            wasResent: resendCount > 0
        )
    }

    /// Does what the state machine decided after a failure.
    func carryOut(_ action: ExchangeStateMachine.Action) {
        switch action {
        case .tryNext(let blame):
            if isHeadSent { resendCount += 1 }
            attemptNext(blame)
        case .replay: replay()
        case .fail(let failure, let blame):
            if let backend { report(blame, of: backend) }
            end(with: failure)
        case .breakOff: breakOff(.truncatedAnswer)
        case .none: break
        }
    }

    private func report(_ blame: ExchangeStateMachine.Blame, of backend: WorkerBackend) {
        switch blame {
        case .none: break
        case .unreachable:
            let reason = "a request could not connect: \(SystemError.text(connectError))"
            worker.reportFailure(of: backend, reason, isSuspicion: false)
        case .suspect:
            worker.reportFailure(
                of: backend,
                "it reset a fresh connection without an answer",
                isSuspicion: true
            )
        }
    }

    /// Tries the next backend alive that was not tried yet.
    private func attemptNext(_ blame: ExchangeStateMachine.Blame) {
        guard let client, let failed = backend else { return }
        report(blame, of: failed)
        worker.followBoard()
        noteTried(failed)
        guard let next = worker.view.pick(client.key, excluding: tried) else {
            return end(with: lastFailure)
        }
        failed.counters.attemptFailed(retryReason)
        attempt(next, .retry, reusing: true)
    }

    /// Tries the same backend again, on a connection of its own.
    private func replay() {
        guard let backend else { return }
        backend.counters.attemptFailed(.stale)
        attempt(backend, picked, reusing: false)
    }

    private var retryReason: RetryReason {
        switch lastFailure {
        case .connectFailed: .connect
        case .connectTimedOut: .connectTimeout
        default: .reset
        }
    }

    /// A reload in between begins the count anew, since positions mean something else behind it.
    private func noteTried(_ failed: WorkerBackend) {
        let view = worker.view
        if tried.count != view.members.count || triedGeneration != view.generation {
            tried = AliveSet(count: view.members.count, allAlive: false)
            triedGeneration = view.generation
        }
        if let position = failed.position { tried.set(position, alive: true) }
    }

    private func attempt(_ backend: WorkerBackend, _ reason: PickReason, reusing: Bool) {
        self.backend = backend
        picked = reason
        attempts += 1
        attemptStart = worker.loop.now
        linkStart = attemptStart
        connectTime = nil
        backend.counters.attemptBegan(isSpilled: reason != .hash)
        isHeadSent = false
        answerScanner = HeadScanner()
        isAnswered = false
        if reusing, let idle = worker.pool.take(backend) {
            upstream = idle
            idle.serve(self)
            backend.counters.connectionReused()
            machine.send(onReused: true)
            // On a first attempt the caller goes on with the bytes at hand; on a later one they were held.
            if attempts > 1 { resend(on: idle) }
            return
        }
        connect(to: backend)
    }

    private func resend(on link: UpstreamConnection) {
        link.send(head, sentBody)
        isHeadSent = true
        if isRequestComplete {
            requestSent()
        } else {
            askForBody()
        }
    }

    /// The client may go on with its body, and has only so long to do it.
    private func askForBody() {
        client?.setDeadline(after: bodyLimit)
        client?.resumeReading()
        client?.deliverHeldSoon()
    }

    private func connect(to backend: WorkerBackend) {
        machine.connect()
        // Nothing is taken from the client meanwhile, so it cannot be late.
        client?.clearDeadline()
        let link = UpstreamConnection(to: backend, for: self, worker: worker)
        upstream = link
        guard let address = backend.address else {
            return failToConnect(SystemError.connectionRefused)
        }
        do {
            try link.open(to: address)
        } catch  where error.isLocalShortage {
            link.release()
            upstream = nil
            fallShort(error.code)
        } catch {
            failToConnect(error.code)
        }
    }

    /// This machine has nothing left for the connection, which is not the backend's fault.
    private func fallShort(_ code: Int32) {
        worker.reportShortage(code)
        lastFailure = .localShortage
        // Ports run out for one destination at a time, so another backend may still be in reach.
        if code == SystemError.portsExhausted { attemptNext(.none) } else { end(with: .localShortage) }
    }

    private func failToConnect(_ code: Int32) {
        upstream?.release()
        upstreamConnectFailed(code)
    }
}
