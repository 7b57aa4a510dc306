internal import CEventShims
internal import CLibevent
internal import Glibc

/// A small HTTP server inside the process, for answers of its own: plain evhttp, used plainly.
///
/// Not for the open internet: evhttp's parser is lenient. What a peer can take is bounded all the same: connections,
/// the size of a request, the time until it is there and until its answer is taken.
public final class LocalHTTPServer {
    /// What peers may take.
    public struct Limits: Sendable {
        /// Connections at a time, at least 2.
        ///
        /// One more takes the place of the one that has waited longest.
        public var connections: Int
        /// From accepting a connection to the end of its first request.
        public var request: Duration
        /// From the end of an answer to the end of the next request.
        public var rest: Duration
        /// From the end of a request to the last byte of its answer that the peer's system has taken.
        public var answer: Duration

        /// Limits from their parts.
        public init(connections: Int, request: Duration, rest: Duration, answer: Duration) {
            self.connections = connections
            self.request = request
            self.rest = rest
            self.answer = answer
        }
    }

    /// A request as evhttp understood it.
    public struct Request {
        /// The method, such as `GET`.
        public let method: String
        /// The target as written.
        public let target: String
        /// The field lines in the order received.
        public let fields: [(name: String, value: String)]
        /// Who asks, if it is known.
        public let peer: SocketAddress?
        /// Whether the request is one of HTTP/1.1 and not older.
        public let isHTTP11: Bool

        /// A request from its parts.
        public init(
            method: String,
            target: String,
            fields: [(name: String, value: String)],
            peer: SocketAddress?,
            isHTTP11: Bool = true
        ) {
            self.method = method
            self.target = target
            self.fields = fields
            self.peer = peer
            self.isHTTP11 = isHTTP11
        }

        /// The value of the first field with this name, whatever its case.
        public func field(_ name: String) -> String? { values(name).first }

        /// The values of all fields with this name, whatever its case.
        public func values(_ name: String) -> [String] {
            fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        }
    }

    /// An answer.
    public struct Response {
        /// The status, 200 to 599.
        public var status: Int
        /// The media type of the body.
        public var contentType: String
        /// Further field lines.
        public var fields: [(name: String, value: String)]
        /// The body; left out in answer to HEAD.
        public var body: [UInt8]

        /// An answer from its parts.
        public init(
            _ status: Int,
            contentType: String = "text/plain; charset=utf-8",
            fields: [(name: String, value: String)] = [],
            body: [UInt8]
        ) {
            self.status = status
            self.contentType = contentType
            self.fields = fields
            self.body = body
        }
    }

    /// Where it listens, with the port the kernel chose if none was asked for.
    public let address: SocketAddress

    private let handler: (Request) -> Response
    /// How long accepting rests after the system refused a descriptor.
    private static let pause = Duration.milliseconds(100)
    /// Seconds between two reads or two writes, the coarser limit that evhttp keeps.
    private static let idleSeconds: Int32 = 60
    private var http: OpaquePointer?
    private var listener: OpaquePointer?
    private var attachEvent: OpaquePointer?
    private let loop: EventLoop
    private var restTimer: Timer?
    /// Accepted in this pass of the loop.
    private var accepted: [OpaquePointer] = []
    private var connections: WaitingConnections<OpaquePointer>
    private var deadlineTimer: Timer?
    /// When the deadline timer fires, in the loop's nanoseconds.
    private var scheduled: UInt64?

    /// Listens and answers each request with what `handler` returns.
    ///
    /// - Parameters:
    ///   - socket: where, on a port that is free.
    ///   - loop: the loop to run on.
    ///   - limits: what peers may take.
    ///   - handler: makes the answers.
    /// - Throws: when the system refuses to listen.
    public init(
        _ socket: BoundSocket,
        on loop: EventLoop,
        limits: Limits,
        handler: @escaping (Request) -> Response
    ) throws(EventError) {
        self.handler = handler
        connections = WaitingConnections(limits)
        self.loop = loop
        address = socket.address
        let flags = UInt32(LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC)
        let descriptor = socket.take()
        guard let http = evhttp_new(loop.base),
            let listener = evconnlistener_new(loop.base, nil, nil, flags, SOMAXCONN, descriptor)
        else {
            let code = errno
            Glibc.close(descriptor)
            throw EventError("listen", code: code)
        }
        self.http = http
        self.listener = listener
        restTimer = Timer(on: loop) { [unowned self] in resumeAccepting() }
        deadlineTimer = Timer(on: loop) { [unowned self] in
            scheduled = nil
            dropOverdue()
        }
        // It would be told of the same client again at once.
        loop.watchFailures(of: listener) { [unowned self] _ in
            evconnlistener_disable(listener)
            restTimer?.start(after: Self.pause)
        }
        evhttp_set_timeout(http, Self.idleSeconds)
        evhttp_set_max_headers_size(http, 16_384)
        evhttp_set_max_body_size(http, 65_536)
        _ = evhttp_bind_listener(http, listener)
        let context = Unmanaged.passUnretained(self).toOpaque()
        evhttp_set_gencb(
            http,
            { request, context in
                guard let request else { return }
                borrowed(context, as: LocalHTTPServer.self) { $0.answer(request) }
            },
            context
        )
        evhttp_set_bevcb(
            http,
            { base, context in
                let carrier = bufferevent_socket_new(base, -1, Int32(BEV_OPT_CLOSE_ON_FREE.rawValue))
                if let carrier { borrowed(context, as: LocalHTTPServer.self) { $0.noteAccepted(carrier) } }
                return carrier
            },
            context
        )
        attachEvent = event_new(
            loop.base,
            -1,
            0,
            { _, _, context in borrowed(context, as: LocalHTTPServer.self) { $0.watchAccepted() } },
            context
        )
    }

    deinit {
        if let listener { loop.forgetFailures(of: listener) }
        if let attachEvent { event_free(attachEvent) }
        for connection in connections.all { evhttp_connection_set_closecb(connection, nil, nil) }
        if let http { evhttp_free(http) }
    }

    // MARK: Connections

    private func noteAccepted(_ carrier: OpaquePointer) {
        if accepted.isEmpty, let attachEvent { event_active(attachEvent, Int32(EV_TIMEOUT), 1) }
        accepted.append(carrier)
        if accepted.count + connections.count >= connections.limits.connections, let listener {
            evconnlistener_disable(listener)
        }
    }

    /// evhttp has made its connections meanwhile and is their bufferevents' context.
    private func watchAccepted() {
        for carrier in accepted {
            var context: UnsafeMutableRawPointer?
            bufferevent_getcb(carrier, nil, nil, nil, &context)
            guard let connection = OpaquePointer(context) else { continue }
            schedule(connections.accept(connection, at: LoopTime.current().nanoseconds))
            evhttp_connection_set_closecb(
                connection,
                { connection, context in
                    guard let connection else { return }
                    borrowed(context, as: LocalHTTPServer.self) { $0.connections.remove(connection) }
                },
                Unmanaged.passUnretained(self).toOpaque()
            )
        }
        accepted.removeAll(keepingCapacity: true)
        // One place stays free for a newcomer, who might be the one to be answered.
        while connections.count >= connections.limits.connections, let longest = connections.longestWaiting {
            drop(longest)
        }
        resumeAccepting()
    }

    private func drop(_ connection: OpaquePointer) {
        connections.remove(connection)
        evhttp_connection_set_closecb(connection, nil, nil)
        evhttp_connection_free(connection)
    }

    private func dropOverdue() {
        let now = LoopTime.current().nanoseconds
        for connection in connections.overdue(at: now) { drop(connection) }
        if let next = connections.nextDeadline { schedule(next) }
    }

    /// Has the timer fire at a deadline, unless it fires before that.
    private func schedule(_ deadline: UInt64) {
        guard deadline < scheduled ?? .max else { return }
        scheduled = deadline
        let now = LoopTime.current().nanoseconds
        deadlineTimer?.start(after: .nanoseconds(Int64(deadline - min(deadline, now))))
    }

    private func resumeAccepting() {
        if let listener { evconnlistener_enable(listener) }
    }

    // MARK: Answers

    private func answer(_ raw: UnsafeMutablePointer<evhttp_request>) {
        let request = Self.read(raw)
        if let connection = evhttp_request_get_connection(raw) {
            schedule(connections.beginAnswer(connection, at: LoopTime.current().nanoseconds))
        }
        let response = handler(request)
        guard let body = evbuffer_new() else { return }
        defer { evbuffer_free(body) }
        let fields = evhttp_request_get_output_headers(raw)
        evhttp_add_header(fields, "Content-Type", response.contentType)
        for field in response.fields { evhttp_add_header(fields, field.name, field.value) }
        // evhttp would send a body even in answer to HEAD.
        if request.method == "HEAD" {
            evhttp_add_header(fields, "Content-Length", String(response.body.count))
        } else {
            evbuffer_add(body, response.body, response.body.count)
        }
        evhttp_request_set_on_complete_cb(
            raw,
            { request, context in
                guard let request, let connection = evhttp_request_get_connection(request) else { return }
                borrowed(context, as: LocalHTTPServer.self) { $0.answerIsTaken(connection) }
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
        evhttp_send_reply(raw, Int32(response.status), Self.reason(response.status), body)
    }

    private func answerIsTaken(_ connection: OpaquePointer) {
        schedule(connections.endAnswer(connection, at: LoopTime.current().nanoseconds))
    }

    private static func read(_ raw: UnsafeMutablePointer<evhttp_request>) -> Request {
        var fields: [(name: String, value: String)] = []
        var entry = evhttp_request_get_input_headers(raw)?.pointee.tqh_first
        while let current = entry {
            fields.append((String(cString: current.pointee.key), String(cString: current.pointee.value)))
            entry = current.pointee.next.tqe_next
        }
        let connection = evhttp_request_get_connection(raw)
        return Request(
            method: methodName(evhttp_request_get_command(raw)),
            target: evhttp_request_get_uri(raw).map { String(cString: $0) } ?? "",
            fields: fields,
            peer: connection.flatMap { evhttp_connection_get_addr($0) }.flatMap { SocketAddress($0) },
            isHTTP11: (raw.pointee.major, raw.pointee.minor) >= (1, 1)
        )
    }

    private static func methodName(_ command: evhttp_cmd_type) -> String {
        switch command {
        case EVHTTP_REQ_GET: "GET"
        case EVHTTP_REQ_POST: "POST"
        case EVHTTP_REQ_HEAD: "HEAD"
        case EVHTTP_REQ_PUT: "PUT"
        case EVHTTP_REQ_DELETE: "DELETE"
        default: "?"
        }
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 503: "Service Unavailable"
        default: "Status"
        }
    }
}
