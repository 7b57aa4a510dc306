internal import CEventShims
internal import CLibevent
internal import Glibc

/// Bytes out: a direct write as far as it goes, the bufferevent's output for the rest, and the orderly ends.
extension ByteStream {
    /// Whether so much is queued that no more should be sent before `drained`.
    public var isCongested: Bool { isOutputQueued && queuedCount >= Self.highMark }

    /// Bytes queued, because the peer does not read as fast as they come.
    public var queuedCount: Int {
        guard isOutputQueued, let carrier else { return 0 }
        return evbuffer_get_length(bufferevent_get_output(carrier))
    }

    /// Writes `bytes` directly as far as the socket takes them and queues the rest. (`send`)
    ///
    /// - Parameters:
    ///   - bytes: what to write.
    ///   - isLast: the end of the stream follows at once, and may travel in the same segment.
    public func send(_ bytes: Span<UInt8>, isLast: Bool = false) {
        guard carrier != nil, !isOutputBroken, bytes.count > 0 else { return }
        bytes.withUnsafeBytes { buffer in
            var sent = 0
            if !isOutputQueued {
                sent = accepted(transportSend(buffer, isLast: isLast))
            }
            queue(buffer, from: sent)
        }
    }

    /// Writes two pieces in one call, as `send` does for one. (`sendmsg`)
    ///
    /// - Parameters:
    ///   - first: what to write first.
    ///   - second: what to write right behind it.
    ///   - isLast: the end of the stream follows at once, and may travel in the same segment.
    public func send(_ first: Span<UInt8>, _ second: Span<UInt8>, isLast: Bool = false) {
        guard first.count > 0 else { return send(second, isLast: isLast) }
        guard second.count > 0 else { return send(first, isLast: isLast) }
        guard carrier != nil, !isOutputBroken else { return }
        first.withUnsafeBytes { head in
            second.withUnsafeBytes { tail in
                var sent = 0
                if !isOutputQueued {
                    sent = accepted(transportSend(head, tail, isLast: isLast))
                }
                queue(head, from: min(sent, head.count))
                queue(tail, from: max(sent - head.count, 0))
            }
        }
    }

    /// How many bytes a write took, marking the output broken when it never will.
    private func accepted(_ result: Int) -> Int {
        if result >= 0 {
            didSend(result)
            return result
        }
        if errno != EAGAIN, errno != EINTR, errno != ENOBUFS, errno != ENOMEM {
            hasBrokenOutput = true
            isOutputReset = true
        }
        return 0
    }

    private func queue(_ buffer: UnsafeRawBufferPointer, from sent: Int) {
        guard sent < buffer.count, !isOutputBroken, let carrier, let start = buffer.baseAddress else {
            return
        }
        isOutputQueued = true
        didSend(buffer.count - sent)
        bufferevent_enable(carrier, Int16(EV_WRITE))
        bufferevent_write(carrier, start + sent, buffer.count - sent)
    }

    /// Sets how long queued bytes may wait without the peer taking any; zero is for ever. (`bufferevent_set_timeouts`)
    public func setWriteTimeout(_ timeout: LoopInterval) {
        guard let carrier else { return }
        // A timeout that is taken away may still fire once; one that is far away does not.
        let nanoseconds = timeout == .zero ? 315_360_000_000_000_000 : timeout.nanoseconds
        var time = timeval(nanoseconds: nanoseconds)
        bufferevent_set_timeouts(carrier, nil, &time)
    }

    /// Ends the stream's own side once everything queued is written; the peer may go on sending. (`shutdown`)
    public func endOutput() { end(.shutDown) }

    /// Closes once everything queued is written.
    public func closeWhenWritten() { end(.close) }

    /// Ends the stream's own side once everything queued is written, then drops what the peer still sends until it
    /// ends too or `limit` has passed.
    ///
    /// Closing at once with unread bytes would reset the connection, and the peer might lose the answer
    /// (RFC 9112 §9.6).
    public func closeLingering(limit: LoopInterval) {
        isDiscarding = true
        lingerLimit = limit
        held = []
        // Until everything is written the write timeout decides.
        clearDeadline()
        resumeReading()
        end(.linger)
    }

    /// The peer ended while its bytes were being dropped: what is queued for it is still written.
    func closeDiscarding() {
        if !isOutputQueued || hasBrokenOutput { close() }
    }

    private func end(_ wanted: Ending) {
        ending = wanted
        if !isOutputQueued || isOutputBroken { carryOutEnding() }
    }

    private func carryOutEnding() {
        guard carrier != nil else { return }
        switch ending {
        case .none: break
        case .shutDown: transportEndOutput()
        case .linger:
            if isAtEnd || isOutputBroken { return close() }
            transportEndOutput()
            setDeadline(after: lingerLimit)
        case .close: close()
        }
        ending = .none
    }

    func wroteQueued() {
        // libevent also reports a queue that was never filled, when a connection has just been made.
        guard isOutputQueued else { return }
        if queuedCount == 0 {
            isOutputQueued = false
            if ending != .none { return carryOutEnding() }
        }
        if !isDiscarding { drained() }
    }
}
