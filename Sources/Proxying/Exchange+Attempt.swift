internal import Balancing
internal import Events
internal import HTTPMessages
internal import Observability
internal import Upstreams

/// Choosing a backend, connecting to it, waiting for it, and trying again elsewhere.
extension Exchange {
    /// Tries the backend that the client's address says.
    func attemptFirst() {
        guard let stream else { return }
        proxy.followBoard()
        let key = stream.origin.key
        guard let backend = proxy.view.pick(key, now: proxy.loop.now) else {
            proxy.reportNoBackend()
            return end(with: .noBackendAlive)
        }
        attempt(backend, proxy.view.isHome(backend, of: key) ? .hash : .next, on: .anyConnection)
    }

    /// Tries the next backend alive that was not tried yet.
    private func attemptNext(_ blame: ExchangeStateMachine.Blame) {
        guard let stream, let failed = attempt.backend else { return }
        report(blame)
        proxy.followBoard()
        attempt.noteTried(in: proxy.view)
        guard let next = attempt.next(for: stream.origin.key, in: proxy.view, now: proxy.loop.now) else {
            return end(with: attempt.failure)
        }
        leave(failed, attempt.failure.retryReason)
        attempt(next, .retry, on: .anyConnection)
    }

    /// Tries the same backend again.
    private func replayAttempt() {
        guard let backend = attempt.backend else { return }
        leave(backend, .stale)
        attempt(backend, attempt.reason, on: .newConnection)
    }

    private func leave(_ backend: WorkerBackend, _ reason: RetryReason) {
        backend.counters.attemptFailed(reason)
        backend.exchanges.remove(self)
    }

    private func attempt(_ backend: WorkerBackend, _ reason: PickReason, on choice: Attempt.Choice) {
        attempt.begin(at: backend, reason, now: proxy.loop.now)
        backend.counters.attemptBegan(isSpilled: reason != .hash)
        backend.exchanges.add(self)
        answer.beginHead()
        if choice == .anyConnection, let idle = proxy.pool.take(backend) {
            upstream = idle
            idle.serve(self)
            attempt.reused()
            backend.counters.connectionReused()
            machine.send(onReused: true)
            // The first time, body bytes are at hand and go out together with the head.
            if machine.request.isComplete || attempt.count > 1 { sendHeld() }
            return
        }
        connect(to: backend)
    }

    /// Sends the head and what is held of the body.
    private func sendHeld() {
        guard let upstream else { return }
        if replay.bytes.isEmpty {
            upstream.send(request.head)
        } else {
            upstream.send(request.head, replay.bytes)
        }
        machine.wrote()
        if machine.request.isComplete { awaitAnswer() } else { stream?.resumeBody(within: bodyLimit) }
    }

    private func connect(to backend: WorkerBackend) {
        machine.connect()
        // Nothing is taken from the client meanwhile, so it cannot be late.
        if !machine.request.isComplete { stream?.holdBody() }
        let made = UpstreamConnection(to: backend, for: self, proxy: proxy)
        upstream = made
        guard let address = backend.address else { return failToConnect(SystemError.connectionRefused) }
        let rules = proxy.rules
        let limit = attempt.connectLimit(rules.connect, inTotal: rules.connectTotal, now: proxy.loop.now)
        do {
            try made.open(to: address, within: limit)
        } catch  where error.isLocalShortage {
            made.release()
            upstream = nil
            fallShort(error.code)
        } catch {
            failToConnect(error.code)
        }
    }

    /// This machine has nothing left for the connection, which is not the backend's fault.
    private func fallShort(_ code: Int32) {
        proxy.reportShortage(code)
        attempt.failed(as: .localShortage)
        // Ports run out for one destination at a time, so another backend may still be in reach.
        if code == SystemError.portsExhausted { attemptNext(.none) } else { end(with: .localShortage) }
    }

    private func failToConnect(_ code: Int32) {
        upstream?.release()
        upstreamConnectFailed(code)
    }

    /// The connection stands: the request goes out, with what was held of its body.
    func upstreamConnected() {
        attempt.connected(at: proxy.loop.now)
        attempt.backend?.connectSucceeded()
        machine.send(onReused: false)
        sendHeld()
    }

    /// The connection could not be made.
    ///
    /// - Parameter code: the system's error number.
    func upstreamConnectFailed(_ code: Int32) {
        upstream = nil
        let isLate = code == SystemError.timedOut
        attempt.connectFailed(code, as: isLate ? .connectTimedOut : .connectFailed)
        let failure: ExchangeStateMachine.Failure =
            if attempt.isSearchOver(at: proxy.loop.now) {
                .searchTimeout(isCutShort: isLate && attempt.isCutShort)
            } else {
                isLate ? .connectTimeout : .connect
            }
        carryOut(machine.action(after: failure))
    }

    /// Does what the state machine decided after a failure.
    func carryOut(_ action: ExchangeStateMachine.Action) {
        switch action {
        case .tryNext(let blame): attemptNext(blame)
        case .replay: replayAttempt()
        case .fail(let failure, let blame):
            report(blame)
            end(with: failure)
        case .breakOff: breakOff(.truncatedAnswer)
        case .none: break
        }
    }

    private func report(_ blame: ExchangeStateMachine.Blame) {
        guard let backend = attempt.backend else { return }
        switch blame {
        case .none: break
        case .unreachable: proxy.reportUnreachable(backend, attempt.connectError)
        case .suspect: proxy.reportBroken(backend)
        }
    }

    // MARK: Waiting

    /// The request is complete: from now on the backend is waited for.
    func awaitAnswer() {
        guard machine.awaitsHead else { return }
        let rules = proxy.rules
        let limit = attempt.awaitAnswer(rules.response, patience: rules.patience, now: proxy.loop.now)
        upstream?.setDeadline(after: limit)
    }

    /// The backend took too long.
    func upstreamDeadlinePassed() {
        guard machine.awaitsHead else { return breakOff(.readTimedOut) }
        guard attempt.wait == .untilSuspicion, let backend = attempt.backend else {
            return end(with: .responseTimedOut)
        }
        let now = proxy.loop.now
        let patience = proxy.rules.patience
        if backend.isToBeReportedMute(for: patience, at: now) { proxy.reportMute(backend) }
        upstream?.setDeadline(after: attempt.waitOn(patience, now: now))
    }

    /// The backend went down: a request that waits there without a byte of an answer goes to another one if it may and
    /// there is one.
    func backendWentDown() {
        guard machine.mayLeave, upstream != nil, let stream, let failed = attempt.backend else { return }
        attempt.noteTried(in: proxy.view)
        guard let next = attempt.next(for: stream.origin.key, in: proxy.view, now: proxy.loop.now) else {
            return
        }
        releaseUpstream(reusable: false)
        attempt.failed(as: .responseTimedOut)
        if machine.request.isWritten { machine.leave() }
        leave(failed, .rescue)
        attempt(next, .rescue, on: .anyConnection)
    }
}
