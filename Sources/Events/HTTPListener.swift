internal import CEventShims
internal import CLibevent
internal import Glibc

/// Accepts clients through evhttp and hands each connection over before evhttp reads a byte of it.
///
/// evhttp listens, accepts and owns the connections; its message parser is never used. A connection is adopted by a
/// stream of the caller's in the same pass of the loop that accepted it, so no byte can reach that parser.
public final class HTTPListener {
    /// Where the listener listens, with the port the kernel chose if none was asked for.
    public let address: SocketAddress

    private let loop: EventLoop
    private let makeConnection: (SocketAddress?) -> ByteStream
    private let acceptFailed: (Int32) -> Void
    private var http: OpaquePointer?
    private var bound: OpaquePointer?
    private var listener: OpaquePointer?
    private var attachEvent: OpaquePointer?
    private var accepted: [OpaquePointer] = []
    private let room: () -> Int
    private let admit: () -> Bool
    /// Accepted together with the last connection that found a place.
    private var waiting: [OpaquePointer] = []
    private var isPaused = false
    /// It paused by itself, behind the connection that may have taken the last place.
    private var isPausedAtLastPlace = false

    /// Listens. (`evconnlistener_new`, `evhttp_bind_listener`)
    ///
    /// - Parameters:
    ///   - socket: where, on a port that is free.
    ///   - loop: the loop to accept on.
    ///   - room: how many more connections may be served; at the last one the listener pauses until `resume`.
    ///   - admit: takes a place for one connection; when there is none, the connection waits unread until `resume`.
    ///   - acceptFailed: told the system's error number when accepting fails; the listener is paused then.
    ///   - makeConnection: makes the stream for a peer.
    /// - Throws: when the system refuses to listen.
    public init(
        _ socket: BoundSocket,
        on loop: EventLoop,
        room: @escaping () -> Int,
        admit: @escaping () -> Bool,
        acceptFailed: @escaping (Int32) -> Void,
        makeConnection: @escaping (SocketAddress?) -> ByteStream
    ) throws(EventError) {
        self.loop = loop
        self.room = room
        self.admit = admit
        self.acceptFailed = acceptFailed
        self.makeConnection = makeConnection
        address = socket.address
        let descriptor = socket.take()
        guard listen(descriptor, SOMAXCONN) == 0 else {
            let code = errno
            Glibc.close(descriptor)
            throw EventError("listen", code: code)
        }
        // Somebody who has left may have sent all new clients past this socket.
        if socket.sharesPort { _ = swerve_unsteer_port(descriptor) }
        let context = Unmanaged.passUnretained(self).toOpaque()
        let flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC
        guard let http = evhttp_new(loop.base),
            let listener = evconnlistener_new(loop.base, nil, nil, UInt32(flags), 0, descriptor)
        else {
            Glibc.close(descriptor)
            throw EventError("evhttp_new", code: ENOMEM)
        }
        self.http = http
        self.listener = listener
        bound = evhttp_bind_listener(http, listener)
        evhttp_set_bevcb(
            http,
            { _, context in
                var made: OpaquePointer?
                borrowed(context, as: HTTPListener.self) { made = $0.carrierForAccepted() }
                return made
            },
            context
        )
        loop.watchFailures(of: listener) { [unowned self] code in
            pause()
            acceptFailed(code)
        }
        attachEvent = event_new(
            loop.base,
            -1,
            0,
            { _, _, context in borrowed(context, as: HTTPListener.self) { $0.attachAccepted() } },
            context
        )
    }

    deinit {
        stopListening()
        if let attachEvent { event_free(attachEvent) }
        if let http { evhttp_free(http) }
    }

    /// Stops listening for good; connections already accepted live on. (`evhttp_del_accept_socket`)
    ///
    /// Who was accepted in this very pass of the loop is handed over here, and no connection afterwards; who found no place
    /// is disconnected.
    public func close() {
        guard listener != nil else { return }
        attachAccepted()
        stopListening()
    }

    private func stopListening() {
        guard let http, let bound, let listener else { return }
        loop.forgetFailures(of: listener)
        evhttp_del_accept_socket(http, bound)
        self.bound = nil
        self.listener = nil
        for carrier in waiting {
            if let connection = Self.connection(of: carrier) { evhttp_connection_free(connection) }
        }
        waiting = []
    }

    /// Has the system ignore attempts to connect from now on, so that they come again, about a second later, to
    /// whoever listens there then; those that are being made go on. (`SO_ATTACH_FILTER`)
    ///
    /// For a listener that closes while another one covers its address, which cannot take over its queue.
    public func ignoreNewClients() {
        guard let listener else { return }
        _ = swerve_ignore_new_clients(evconnlistener_get_fd(listener))
    }

    /// Has the system give new connections to other sockets that share the port; those that are being made go on.
    /// (`SO_ATTACH_REUSEPORT_CBPF`)
    ///
    /// - Parameter positions: which ones, in the order they began to listen.
    public func steer(to positions: Range<Int>) {
        guard let listener, !positions.isEmpty else { return }
        let descriptor = evconnlistener_get_fd(listener)
        _ = swerve_steer_port(descriptor, UInt32(positions.lowerBound), UInt32(positions.count))
    }

    /// Stops accepting; further clients wait in the system's queue. (`evconnlistener_disable`)
    public func pause() {
        isPausedAtLastPlace = false
        stopAccepting()
    }

    private func stopAccepting() {
        guard let listener, !isPaused else { return }
        isPaused = true
        evconnlistener_disable(listener)
    }

    /// Accepts again. (`evconnlistener_enable`)
    public func resume() {
        guard let listener, isPaused else { return }
        attach(waiting)
        guard waiting.isEmpty else { return }
        isPaused = false
        isPausedAtLastPlace = false
        evconnlistener_enable(listener)
    }

    /// Whether a client waits to be accepted, as far as is known without waiting.
    public var hasWaitingClient: Bool {
        guard let listener else { return false }
        if !waiting.isEmpty { return true }
        var queue = pollfd(fd: evconnlistener_get_fd(listener), events: Int16(POLLIN), revents: 0)
        return poll(&queue, 1, 0) == 1
    }

    // MARK: Accepting

    private func carrierForAccepted() -> OpaquePointer? {
        // evhttp would make a bufferevent of its own if it got none, so refusing comes later.
        guard let carrier = bufferevent_socket_new(loop.base, -1, Int32(BEV_OPT_CLOSE_ON_FREE.rawValue))
        else {
            return nil
        }
        if accepted.isEmpty, let attachEvent { event_active(attachEvent, Int32(EV_TIMEOUT), 1) }
        accepted.append(carrier)
        // Paused in here, the accept loop stops behind this connection.
        if accepted.count >= room(), !isPaused {
            stopAccepting()
            isPausedAtLastPlace = true
        }
        return carrier
    }

    /// Hands over what was accepted in this pass: evhttp has made its connections meanwhile and is their
    /// bufferevents' context.
    private func attachAccepted() {
        let carriers = accepted
        accepted.removeAll(keepingCapacity: true)
        attach(waiting + carriers)
        // Places may have been taken or freed elsewhere since the accept loop was stopped.
        if !waiting.isEmpty { stopAccepting() } else if isPausedAtLastPlace, room() > 0 { resume() }
    }

    private func attach(_ carriers: [OpaquePointer]) {
        waiting = []
        for carrier in carriers {
            guard admit() else {
                // evhttp must not read it either.
                bufferevent_disable(carrier, Int16(EV_READ))
                waiting.append(carrier)
                continue
            }
            guard let connection = Self.connection(of: carrier) else { continue }
            let stream = makeConnection(evhttp_connection_get_addr(connection).flatMap { SocketAddress($0) })
            stream.adopt(carrier, ownedBy: connection, of: self)
        }
    }

    private static func connection(of carrier: OpaquePointer) -> OpaquePointer? {
        var context: UnsafeMutableRawPointer?
        bufferevent_getcb(carrier, nil, nil, nil, &context)
        return OpaquePointer(context)
    }
}
