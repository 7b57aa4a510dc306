internal import Configuration
internal import Events
internal import HTTPMessages
internal import Observability

/// Upgraded connections: bytes pass both ways until both sides have ended (RFC 9110 §7.8).
extension Exchange {
    /// The backend agreed to switch protocols: the client is told, and bytes lose their meaning.
    ///
    /// - Returns: `false` when nobody asked or nothing is said of the new protocol, which ends the exchange.
    func acceptSwitch(_ bytes: Span<UInt8>) -> Bool {
        guard wantsUpgrade, isRequestComplete, worker.responseHead.namesProtocol, let client else {
            end(with: .unexpectedAnswer)
            return false
        }
        status = 101
        noteHead()
        machine.tunnel()
        backend?.counters.tunnelOpened()
        isReplayable = false
        ResponseRewriter.write(
            worker.responseHead,
            bytes,
            plan: ResponseRewriter.Plan(
                framing: .none,
                closes: false,
                announcesKeepAlive: false,
                upgrades: true,
                wallSeconds: 0
            ),
            id: RequestIDText(head, marks.id),
            to: worker.outgoing
        )
        if worker.responseHead.upgradesToWebSocket(bytes) {
            fromClient = WebSocketFrames()
            fromBackend = WebSocketFrames()
        }
        client.expect(.tunnel)
        client.resumeReading()
        client.deliverHeldSoon()
        return true
    }

    /// Takes bytes from the client to the backend.
    func tunnelBytesFromClient(_ bytes: Span<UInt8>) -> Int {
        guard let client, let upstream else { return bytes.count }
        guard !upstream.isCongested else { return 0 }
        fromClient?.follow(bytes)
        upstream.send(bytes)
        requestBodyBytes += bytes.count
        if upstream.isOutputBroken {
            breakOff(.truncatedAnswer)
            return bytes.count
        }
        if upstream.isCongested { client.pauseReading() }
        restartTunnelClock()
        if isParting { partTunnel() }
        return bytes.count
    }

    /// Stops or goes on after bytes went to the client.
    func afterTunnelWrite() {
        guard let client, let upstream else { return }
        if client.isOutputBroken { return clientGone() }
        if client.isCongested { upstream.pauseReading() }
        restartTunnelClock()
        if isParting { partTunnel() }
    }

    /// Tells a WebSocket between two frames, on both sides, that the server goes away, and closes it (RFC 6455 §7.1).
    ///
    /// Any other protocol is left to the limit.
    func partTunnel() {
        isParting = true
        guard let client, let upstream, let fromClient, let fromBackend else { return }
        guard fromBackend.isBetweenFrames, fromClient.isBetweenFrames else { return }
        let (toClient, toServer) = (WebSocketFrames.goodbyeToClient, WebSocketFrames.goodbyeToServer)
        if !fromBackend.isClosed { client.send(toClient.span) }
        if !fromClient.isClosed { upstream.send(toServer.span) }
        record(nil)
        upstream.release()
        upstream.closeLingering(limit: ProxyWorker.lingerLimit)
        self.upstream = nil
        retire()
        client.exchangeAbandoned()
        client.closeLingering(limit: ProxyWorker.lingerLimit)
    }

    /// The client ended its side: the backend's is ended after what is on the way.
    func clientEnded() {
        guard let upstream else { return }
        if upstream.isAtEnd { return finishTunnel(failure: nil) }
        upstream.endOutput()
    }

    /// The backend ended its side: the client's is ended after what is on the way.
    func upstreamTunnelEnded() {
        guard let client else { return }
        if client.isAtEnd { return finishTunnel(failure: nil) }
        client.endOutput()
    }

    /// Nothing passed for too long.
    func tunnelTimedOut() {
        finishTunnel(failure: .tunnelTimedOut)
    }

    private func restartTunnelClock() {
        upstream?.clearDeadline()
        client?.setDeadline(after: worker.timeouts.tunnel)
    }
}

extension ResponseHead {
    /// Whether the protocol that was switched to is WebSocket (RFC 6455 §4.2.2).
    fileprivate func upgradesToWebSocket(_ bytes: Span<UInt8>) -> Bool {
        for line in fields.lines where line.name == .upgrade {
            return bytes.text(line.valueRange).lowercased() == "websocket"
        }
        return false
    }
}
