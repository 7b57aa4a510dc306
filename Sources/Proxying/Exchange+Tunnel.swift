internal import Events
internal import HTTPMessages
internal import Observability

/// Upgraded connections: bytes pass both ways until both sides have ended (RFC 9110 §7.8).
extension Exchange {
    /// The backend agreed to switch protocols: the client is told, and bytes lose their meaning.
    func openTunnel(_ head: ResponseHead, _ bytes: Span<UInt8>, _ stream: ClientStream) {
        answer.told(101)
        noteHead()
        machine.tunnel()
        attempt.backend?.counters.tunnelOpened()
        stream.appendSwitch(head, bytes, id: request.id)
        webSocket.open(head, bytes)
        stream.openTunnel()
    }

    /// Takes bytes from the client to the backend.
    ///
    /// - Returns: how many were taken.
    func takeTunnelBytes(_ bytes: Span<UInt8>) -> Int {
        guard let stream, let upstream else { return bytes.count }
        guard !upstream.isCongested else { return 0 }
        webSocket.followClient(bytes)
        upstream.send(bytes)
        request.count(bytes.count)
        if upstream.isOutputBroken {
            breakOff(.truncatedAnswer)
            return bytes.count
        }
        if upstream.isCongested { stream.pauseBody() }
        restartTunnelClock()
        if webSocket.isClosing { announceShutdown() }
        return bytes.count
    }

    /// Passes bytes from the backend to the client, behind what was appended.
    func passToClient(_ bytes: Span<UInt8>) {
        guard let stream, let upstream else { return }
        webSocket.followBackend(bytes)
        stream.flush(bytes, isLast: false)
        answer.count(bytes.count)
        if stream.isBroken { return clientGone() }
        if stream.isCongested { upstream.pauseReading() }
        restartTunnelClock()
        if webSocket.isClosing { announceShutdown() }
    }

    /// Tells a WebSocket between two frames, on both sides, that the server goes away, and closes it (RFC 6455 §7.1).
    ///
    /// Any other protocol is left to the limit, and an exchange that is no tunnel ends by itself.
    func announceShutdown() {
        guard machine.isTunnelling, let stream, let upstream else { return }
        webSocket.close()
        guard webSocket.mayClose else { return }
        let (toClient, toServer) = (WebSocketFrames.goodbyeToClient, WebSocketFrames.goodbyeToServer)
        if webSocket.clientExpectsClose { stream.flush(toClient.span, isLast: false) }
        if webSocket.backendExpectsClose { upstream.send(toServer.span) }
        record(nil)
        upstream.release()
        upstream.closeLingering(limit: Proxy.lingerLimit)
        self.upstream = nil
        retire()
        stream.closeTunnel(.lingering)
    }

    /// The client ended its side: the backend's is ended after what is on the way.
    func clientEnded() {
        guard let upstream else { return }
        if upstream.isAtEnd { return finishTunnel(nil) }
        upstream.endOutput()
    }

    /// The backend ended its side: the client's is ended after what is on the way.
    func upstreamTunnelEnded() {
        guard let stream else { return }
        if stream.isInputEnded { return finishTunnel(nil) }
        stream.endTunnelOutput()
    }

    /// Nothing passed for too long.
    func tunnelTimedOut() { finishTunnel(.tunnelTimedOut) }

    /// The operator took the backend out altogether: a tunnel to it ends in good order.
    func endIfTunnel() {
        if machine.isTunnelling { finishTunnel(nil) }
    }

    /// Both sides of a tunnel have ended, or it has to end.
    private func finishTunnel(_ failure: GatewayFailure?) {
        guard let stream else { return }
        record(failure)
        if let upstream {
            upstream.release()
            upstream.closeWhenWritten()
        }
        upstream = nil
        retire()
        stream.closeTunnel(.whenWritten)
    }

    private func restartTunnelClock() {
        upstream?.clearDeadline()
        stream?.restartTunnelClock(proxy.rules.tunnel)
    }
}
