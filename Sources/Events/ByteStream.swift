internal import CEventShims
internal import CLibevent
internal import Glibc

/// One TCP connection: bytes in by callback, bytes out by direct write, the rest queued.
///
/// A bufferevent owns the descriptor, connects it and carries whatever a direct write could not send. Reads do not go
/// through its input buffer, which takes 4096 bytes and an extra system call at a time; an event of the stream's own
/// reads into the loop's scratch memory and hands the bytes on as a span. What the receiver does not take is held and
/// presented again, in front of what follows.
///
/// No method of a subclass is ever called from inside a call to the stream, so a receiver may send, pause, close and
/// start other streams freely. An open stream keeps itself alive; `close` ends that when the turn ends.
open class ByteStream {
    /// Bytes queued for the peer from which on the stream counts as congested.
    public static let highMark = 128 * 1024
    /// Bytes queued at which a congested stream reports that it drained.
    static let lowMark = 32 * 1024

    /// What happens when everything queued is written.
    private enum Ending { case none, shutDown, linger, close }

    /// The loop whose thread alone may touch the stream.
    public let loop: EventLoop

    // MARK: libevent's handles

    private var carrier: OpaquePointer?
    private var evhttpOwner: OpaquePointer?
    private var readEvent: OpaquePointer?
    private var timerEvent: OpaquePointer?
    private var descriptor: Int32 = -1

    // MARK: State

    private var held: [UInt8] = []
    private var deadline: UInt64 = 0
    private var timerExpiry: UInt64 = 0
    private var ending = Ending.none
    private var isConnecting = false
    private var isStarting = false
    private var isReading = false
    private var isDeferred = false
    private var isDiscarding = false
    private var isOutputQueued = false

    /// The peer sent its end.
    public private(set) final var isAtEnd = false
    /// Nothing more can be written: the peer is gone or stopped reading for too long.
    public private(set) final var isOutputBroken = false

    /// A stream that is not open until it is connected or adopts an accepted connection.
    public init(on loop: EventLoop) {
        self.loop = loop
    }

    deinit {
        assert(carrier == nil, "a stream is closed before it dies")
    }

    // MARK: What a subclass is told

    /// The connection stands.
    open func connected() {}

    /// The connection could not be made; the stream is closed already.
    ///
    /// - Parameter code: the system's error number.
    open func connectFailed(_ code: Int32) {}

    /// Bytes arrived; those not taken come again, with more behind them or after `deliverHeldSoon`.
    ///
    /// - Parameter bytes: everything not taken yet, valid during the call only.
    /// - Returns: how many bytes from the start were taken.
    open func received(_ bytes: Span<UInt8>) -> Int { bytes.count }

    /// The peer ended its side in good order.
    open func ended() {}

    /// The connection broke while it was read.
    ///
    /// - Parameter code: the system's error number.
    open func failed(_ code: Int32) {}

    /// The queue fell to the low mark or below.
    open func drained() {}

    /// Queued bytes can no longer be written.
    ///
    /// - Parameter timedOut: the peer is there but took none of them for the write timeout.
    open func outputFailed(timedOut: Bool) {}

    /// The time set with `setDeadline` came.
    open func deadlinePassed() {}

    /// The stream closed, for whatever reason.
    open func didClose() {}

    // MARK: Opening

    /// Whether the stream has a connection, or is making one.
    public final var isOpen: Bool { carrier != nil }

    /// Starts connecting to `address`. (`bufferevent_socket_connect`)
    ///
    /// - Throws: when the system refuses at once; then the stream is closed and nothing else is reported.
    public final func connect(to address: SocketAddress, timeout: Duration) throws(EventError) {
        let socketDescriptor = swerve_tcp_socket(address.family)
        guard socketDescriptor >= 0 else { throw EventError("socket", code: errno) }
        let options = Int32(BEV_OPT_CLOSE_ON_FREE.rawValue)
        guard let bufferEvent = bufferevent_socket_new(loop.base, socketDescriptor, options) else {
            Glibc.close(socketDescriptor)
            throw EventError("bufferevent_socket_new", code: ENOMEM)
        }
        isConnecting = true
        take(bufferEvent, descriptor: socketDescriptor)
        setWriteTimeout(timeout)
        isStarting = true
        let result = address.withSockaddr { bufferevent_socket_connect(bufferEvent, $0, Int32($1)) }
        let code = errno
        isStarting = false
        guard result == 0 else {
            close()
            throw EventError("connect", code: code)
        }
    }

    /// Takes over a connection that evhttp accepted; evhttp goes on owning it and hears no more of it.
    final func adopt(_ bufferEvent: OpaquePointer, ownedBy evhttpConnection: OpaquePointer) {
        evhttpOwner = evhttpConnection
        take(bufferEvent, descriptor: bufferevent_getfd(bufferEvent))
        bufferevent_disable(bufferEvent, Int16(EV_READ))
        bufferevent_enable(bufferEvent, Int16(EV_WRITE))
        startReading()
    }

    private func take(_ bufferEvent: OpaquePointer, descriptor: Int32) {
        carrier = bufferEvent
        self.descriptor = descriptor
        let context = Unmanaged.passRetained(self).toOpaque()
        bufferevent_setcb(
            bufferEvent,
            nil,
            { _, context in borrowed(context, as: ByteStream.self) { $0.wroteQueued() } },
            { _, what, context in borrowed(context, as: ByteStream.self) { $0.carrierReported(what) } },
            context
        )
        bufferevent_setwatermark(bufferEvent, Int16(EV_WRITE), Self.lowMark, 0)
        bufferevent_set_max_single_write(bufferEvent, 1 << 20)
    }

    private func startReading() {
        readEvent = event_new(
            loop.base,
            descriptor,
            Int16(EV_READ | EV_PERSIST),
            { _, _, context in borrowed(context, as: ByteStream.self) { $0.readable() } },
            Unmanaged.passUnretained(self).toOpaque()
        )
        resumeReading()
    }

    /// Closes the connection at once, dropping what is queued. Closing twice does nothing.
    public final func close() {
        guard let bufferEvent = carrier else { return }
        carrier = nil
        if let readEvent { event_free(readEvent) }
        if let timerEvent { event_free(timerEvent) }
        readEvent = nil
        timerEvent = nil
        isReading = false
        held = []
        if let evhttpOwner {
            evhttp_connection_free(evhttpOwner)
        } else {
            bufferevent_free(bufferEvent)
        }
        evhttpOwner = nil
        didClose()
        loop.retire(self)
        Unmanaged.passUnretained(self).release()
    }

    /// Closes the connection so that the peer cannot take it for a clean end: it sees a reset.
    ///
    /// `SO_LINGER` would not do, as evhttp sends its own end first; disconnecting the socket does.
    public final func abort() {
        guard carrier != nil else { return }
        var unspecified = sockaddr()
        unspecified.sa_family = sa_family_t(AF_UNSPEC)
        _ = Glibc.connect(descriptor, &unspecified, socklen_t(MemoryLayout<sockaddr>.size))
        close()
    }

    // MARK: Writing

    /// Whether so much is queued that no more should be sent before `drained`.
    public final var isCongested: Bool { isOutputQueued && queuedCount >= Self.highMark }

    /// Bytes queued, because the peer does not read as fast as they come.
    public final var queuedCount: Int {
        guard isOutputQueued, let carrier else { return 0 }
        return evbuffer_get_length(bufferevent_get_output(carrier))
    }

    /// Writes `bytes` directly as far as the socket takes them and queues the rest. (`send`)
    public final func send(_ bytes: Span<UInt8>) {
        guard carrier != nil, !isOutputBroken, bytes.count > 0 else { return }
        bytes.withUnsafeBytes { buffer in
            var sent = 0
            if !isOutputQueued {
                let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
                sent = accepted(Glibc.send(descriptor, buffer.baseAddress, buffer.count, flags))
            }
            queue(buffer, from: sent)
        }
    }

    /// Writes two pieces in one call, as `send` does for one. (`sendmsg`)
    public final func send(_ first: Span<UInt8>, _ second: Span<UInt8>) {
        guard first.count > 0 else { return send(second) }
        guard second.count > 0 else { return send(first) }
        guard carrier != nil, !isOutputBroken else { return }
        first.withUnsafeBytes { head in
            second.withUnsafeBytes { tail in
                var sent = 0
                if !isOutputQueued {
                    sent = accepted(
                        swerve_send_two(
                            descriptor,
                            head.baseAddress,
                            head.count,
                            tail.baseAddress,
                            tail.count
                        )
                    )
                }
                queue(head, from: min(sent, head.count))
                queue(tail, from: max(sent - head.count, 0))
            }
        }
    }

    /// How many bytes a write took, marking the output broken when it never will.
    private func accepted(_ result: Int) -> Int {
        if result >= 0 { return result }
        if errno != EAGAIN, errno != EINTR, errno != ENOBUFS { isOutputBroken = true }
        return 0
    }

    private func queue(_ buffer: UnsafeRawBufferPointer, from sent: Int) {
        guard sent < buffer.count, !isOutputBroken, let carrier, let start = buffer.baseAddress else {
            return
        }
        isOutputQueued = true
        bufferevent_write(carrier, start + sent, buffer.count - sent)
    }

    /// Sets how long queued bytes may wait without the peer taking any; zero is for ever. (`bufferevent_set_timeouts`)
    public final func setWriteTimeout(_ timeout: Duration) {
        guard let carrier else { return }
        // A timeout that is taken away may still fire once; one that is far away does not.
        let nanoseconds = timeout == .zero ? 315_360_000_000_000_000 : timeout.nanoseconds
        var time = timeval(nanoseconds: nanoseconds)
        bufferevent_set_timeouts(carrier, nil, &time)
    }

    /// Ends the stream's own side once everything queued is written; the peer may go on sending. (`shutdown`)
    public final func endOutput() { end(.shutDown) }

    /// Closes once everything queued is written.
    public final func closeWhenWritten() { end(.close) }

    /// Ends the stream's own side once everything queued is written, then drops what the peer still sends until it
    /// ends too or `limit` has passed.
    ///
    /// Closing at once with unread bytes would reset the connection, and the peer might lose the answer
    /// (RFC 9112 §9.6).
    public final func closeLingering(limit: Duration) {
        isDiscarding = true
        held = []
        setDeadline(after: limit)
        resumeReading()
        end(.linger)
    }

    private func end(_ wanted: Ending) {
        ending = wanted
        if !isOutputQueued || isOutputBroken { carryOutEnding() }
    }

    private func carryOutEnding() {
        guard carrier != nil else { return }
        switch ending {
        case .none: break
        case .shutDown: _ = shutdown(descriptor, Int32(SHUT_WR))
        case .linger:
            if isAtEnd || isOutputBroken { return close() }
            _ = shutdown(descriptor, Int32(SHUT_WR))
        case .close: close()
        }
        ending = .none
    }

    private func wroteQueued() {
        // libevent also reports a queue that was never filled, once for each new connection.
        guard isOutputQueued else { return }
        if queuedCount == 0 {
            isOutputQueued = false
            if ending != .none { return carryOutEnding() }
        }
        if !isDiscarding { drained() }
    }

    private func carrierReported(_ what: Int16) {
        guard !isStarting else { return }
        let code = errno
        let what = Int32(what)
        if isConnecting {
            isConnecting = false
            if what & BEV_EVENT_CONNECTED != 0 {
                startReading()
                connected()
            } else {
                close()
                connectFailed(what & BEV_EVENT_TIMEOUT != 0 ? ETIMEDOUT : connectError(code))
            }
            return
        }
        isOutputBroken = true
        if isDiscarding || ending == .close { return close() }
        outputFailed(timedOut: what & BEV_EVENT_TIMEOUT != 0)
    }

    /// libevent reports a refusal seen within `connect` without leaving its number behind.
    private func connectError(_ code: Int32) -> Int32 {
        switch code {
        case ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ECONNRESET, EADDRNOTAVAIL, ENETDOWN, EACCES: code
        default: ECONNREFUSED
        }
    }

    // MARK: Reading

    /// Whether bytes are held that the receiver did not take.
    public final var heldCount: Int { held.count }

    /// Stops reading, so that the peer's data piles up in the system instead of here. (`event_del`)
    public final func pauseReading() {
        guard isReading, let readEvent else { return }
        isReading = false
        event_del(readEvent)
    }

    /// Reads again. (`event_add`)
    public final func resumeReading() {
        guard !isReading, !isAtEnd, let readEvent else { return }
        isReading = true
        event_add(readEvent, nil)
    }

    /// Presents the held bytes again at the end of this turn.
    public final func deliverHeldSoon() {
        guard !isDeferred, carrier != nil else { return }
        isDeferred = true
        loop.deferDelivery(to: self)
    }

    /// Whether the peer, as far as is known without waiting, has neither sent anything nor closed.
    public final func isSilent() -> Bool {
        var byte: UInt8 = 0
        let flags = Int32(MSG_PEEK | MSG_DONTWAIT)
        return carrier != nil && !isAtEnd && recv(descriptor, &byte, 1, flags) < 0 && errno == EAGAIN
    }

    func deliverDeferred() {
        isDeferred = false
        guard carrier != nil else { return }
        deliverHeld()
    }

    private func readable() {
        let count = recv(descriptor, loop.scratch.baseAddress, EventLoop.readSize, 0)
        if count > 0 {
            deliver(UnsafeRawBufferPointer(rebasing: loop.scratch[0..<count]))
        } else if count == 0 {
            isAtEnd = true
            pauseReading()
            if isDiscarding { return close() }
            ended()
        } else if errno != EAGAIN, errno != EINTR {
            let code = errno
            isAtEnd = true
            isOutputBroken = true
            pauseReading()
            if isDiscarding { return close() }
            failed(code)
        }
    }

    private func deliver(_ fresh: UnsafeRawBufferPointer) {
        if isDiscarding { return }
        guard held.isEmpty else {
            held.append(contentsOf: fresh)
            return deliverHeld()
        }
        let bytes = fresh.assumingMemoryBound(to: UInt8.self)
        let taken = received(bytes.span)
        if taken < bytes.count, carrier != nil, !isDiscarding { held = Array(bytes[taken...]) }
    }

    private func deliverHeld() {
        guard !held.isEmpty else { return }
        var bytes: [UInt8] = []
        swap(&bytes, &held)
        let taken = received(bytes.span)
        guard taken < bytes.count, carrier != nil, !isDiscarding else { return }
        if taken > 0 { bytes.removeSubrange(0..<taken) }
        held = bytes
    }

    // MARK: Time

    /// Has `deadlinePassed` called after `duration`, replacing any earlier deadline; zero clears it.
    ///
    /// Moving a deadline back costs a store: a timer already running looks at the time when it fires and waits on.
    public final func setDeadline(after duration: Duration) {
        guard duration != .zero, carrier != nil else { return clearDeadline() }
        let length = duration.nanoseconds
        deadline = loop.now.nanoseconds + length
        if timerExpiry == 0 || timerExpiry > deadline { startTimer(length) }
    }

    /// Forgets the deadline.
    public final func clearDeadline() {
        deadline = 0
    }

    private func startTimer(_ length: UInt64) {
        if timerEvent == nil {
            timerEvent = event_new(
                loop.base,
                -1,
                0,
                { _, _, context in borrowed(context, as: ByteStream.self) { $0.timerFired() } },
                Unmanaged.passUnretained(self).toOpaque()
            )
        }
        guard let timerEvent else { return }
        timerExpiry = loop.now.nanoseconds + length
        var time = timeval(nanoseconds: length)
        event_add(timerEvent, &time)
    }

    private func timerFired() {
        timerExpiry = 0
        guard deadline != 0 else { return }
        let now = loop.now.nanoseconds
        if now + 1_000_000 < deadline { return startTimer(deadline - now) }
        deadline = 0
        if isDiscarding { return close() }
        deadlinePassed()
    }

    // MARK: Addresses

    /// The stream's own end of the connection. (`getsockname`)
    public final var localAddress: SocketAddress? { SocketAddress.local(of: descriptor) }
}
