internal import CEventShims
internal import CLibevent
internal import Glibc

/// How a peer's side of a connection ended.
public enum InputEnd: Sendable {
    /// The peer said that it is the end. On a plain connection the FIN is all that can be said.
    case announced
    /// The connection ended below a layer in which the end has to be announced, so bytes may be missing.
    case bare
}

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
    enum Ending { case none, shutDown, linger, close }

    /// The loop whose thread alone may touch the stream.
    public let loop: EventLoop

    // MARK: libevent's handles

    final var carrier: OpaquePointer?
    final var evhttpOwner: OpaquePointer?
    /// Freeing evhttp would free the connections it owns, so whoever has one holds its listener.
    private final var listener: HTTPListener?
    final var readEvent: OpaquePointer?
    final var timerEvent: OpaquePointer?
    final var descriptor: Int32 = -1

    // MARK: State

    final var held: [UInt8] = []
    final var deadline: UInt64 = 0
    final var timerExpiry: UInt64 = 0
    final var ending = Ending.none
    final var isConnecting = false
    final var isStarting = false
    final var isReading = false
    final var isDeferred = false
    final var isDiscarding = false
    final var isOutputQueued = false
    final var hasEnded = false
    final var hasBrokenOutput = false
    final var isOutputReset = false
    final var isReceivingBytes = false
    final var lingerLimit = LoopInterval.zero

    /// The peer sent its end.
    public final var isAtEnd: Bool { hasEnded }
    /// Nothing more can be written: the peer is gone or stopped reading for too long.
    public final var isOutputBroken: Bool { hasBrokenOutput }

    /// A stream that is not open until it is connected or adopts an accepted connection.
    public init(on loop: EventLoop) {
        self.loop = loop
    }

    deinit {
        assert(carrier == nil, "a stream is closed before it dies")
    }

    // MARK: What a subclass is told

    /// The connection stands, whoever made it, and bytes may pass.
    open func ready() {}

    /// The connection could not be made; the stream is closed already.
    ///
    /// - Parameter code: the system's error number.
    open func connectFailed(_ code: Int32) {}

    /// Bytes arrived; those not taken come again, with more behind them or after `deliverHeldSoon`.
    ///
    /// - Parameter bytes: everything not taken yet, valid during the call only.
    /// - Returns: how many bytes from the start were taken.
    open func received(_ bytes: Span<UInt8>) -> Int { bytes.count }

    /// The peer ended its side.
    open func ended(_ end: InputEnd) {}

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

    /// So many bytes arrived, for whoever counts them.
    open func didReceive(_ count: Int) {}

    /// So many bytes were written or queued, for whoever counts them; the only report that comes from inside a call to
    /// the stream, which it must not touch.
    open func didSend(_ count: Int) {}

    /// The stream closed, for whatever reason.
    open func didClose() {}

    // MARK: Opening

    /// Whether the stream has a connection, or is making one.
    public final var isOpen: Bool { carrier != nil }

    /// Starts connecting to `address`. (`bufferevent_socket_connect`)
    ///
    /// - Throws: when the system refuses at once; then the stream is closed and nothing else is reported.
    public final func connect(to address: SocketAddress, timeout: LoopInterval) throws(EventError) {
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

    /// Takes over a connection that evhttp accepted, which evhttp goes on owning and hears no more of.
    ///
    /// `ready` is called before this returns.
    ///
    /// - Parameters:
    ///   - bufferEvent: the connection's bufferevent.
    ///   - evhttpConnection: what owns it.
    ///   - listener: whose evhttp that is; it is held as long as the stream is open.
    final func adopt(
        _ bufferEvent: OpaquePointer,
        ownedBy evhttpConnection: OpaquePointer,
        of listener: HTTPListener
    ) {
        evhttpOwner = evhttpConnection
        self.listener = listener
        take(bufferEvent, descriptor: bufferevent_getfd(bufferEvent))
        bufferevent_disable(bufferEvent, Int16(EV_READ))
        startReading()
        ready()
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

    /// Closes the connection at once, dropping what is queued.
    ///
    /// Closing twice does nothing.
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
            // libevent would close the descriptor some time later, and another connection may need it now.
            bufferevent_setfd(bufferEvent, -1)
            Glibc.close(descriptor)
            bufferevent_free(bufferEvent)
        }
        evhttpOwner = nil
        if let listener {
            loop.retire(listener)
            self.listener = nil
        }
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

    /// The stream's own end of the connection. (`getsockname`)
    public final var localAddress: SocketAddress? { SocketAddress.local(of: descriptor) }

    // MARK: The bufferevent's reports

    private func carrierReported(_ what: Int16) {
        guard !isStarting else { return }
        let code = errno
        let what = Int32(what)
        if isConnecting {
            isConnecting = false
            if what & BEV_EVENT_CONNECTED != 0 {
                startReading()
                ready()
            } else {
                close()
                connectFailed(what & BEV_EVENT_TIMEOUT != 0 ? ETIMEDOUT : connectError(code))
            }
            return
        }
        let timedOut = what & BEV_EVENT_TIMEOUT != 0
        hasBrokenOutput = true
        isOutputReset = !timedOut
        if isDiscarding || ending == .close { return close() }
        // Where it was not the peer that broke the connection, no read will ever tell.
        if !timedOut, EventError("write", code: code).isLocalShortage {
            hasEnded = true
            pauseReading()
            return failed(code)
        }
        outputFailed(timedOut: timedOut)
    }

    /// libevent reports a refusal seen within `connect` without leaving its number behind.
    private func connectError(_ code: Int32) -> Int32 {
        switch code {
        case ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ECONNRESET, EADDRNOTAVAIL, ENETDOWN, EACCES: code
        default: ECONNREFUSED
        }
    }
}
