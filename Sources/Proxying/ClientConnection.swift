internal import Balancing
internal import Events
internal import HTTPMessages
internal import Observability

/// A client's connection: its place among the clients, its rest, and its end; requests and answers are its session's.
final class ClientConnection: ByteStream {
    /// Who asks on it.
    let origin: RequestOrigin
    /// Its place in the worker's list of clients, for that list.
    var place = 0
    /// When it came, or its last answer was complete.
    private(set) var restStart = LoopTime(nanoseconds: 0)
    private var wasServed = false
    private let proxy: Proxy
    private var session: HTTP1Session?

    /// How long a client whose request may be on its way when the server stops may take to send it.
    private static let lateLimit = LoopInterval.seconds(1)

    init(from peer: SocketAddress?, proxy: Proxy) {
        self.proxy = proxy
        origin = RequestOrigin(ClientAddress(peer), peerPort: peer?.port ?? 0)
        super.init(on: proxy.loop)
    }

    /// The address and port the client connected to, as an authority.
    var localAuthority: String {
        guard let local = localAddress else { return "localhost" }
        let host = ClientAddress(local).text
        return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(local.port)" : "\(host):\(local.port)"
    }

    // MARK: Events

    override func ready() {
        proxy.register(self)
        session = HTTP1Session(on: self, proxy: proxy)
        restStart = loop.now
        setWriteTimeout(proxy.rules.clientBody)
        setDeadline(after: idleLimit)
    }

    override func received(_ bytes: Span<UInt8>) -> Int { session?.received(bytes) ?? bytes.count }

    override func ended(_ end: InputEnd) { session?.ended() }

    override func failed(_ code: Int32) { session?.failed() }

    override func outputFailed(timedOut: Bool) { session?.outputFailed(timedOut: timedOut) }

    override func drained() { session?.drained() }

    override func deadlinePassed() { session?.deadlinePassed() }

    override func didClose() {
        proxy.unregister(self)
        guard let session else { return }
        // Its frames may be running, and it holds this connection.
        loop.retire(session)
        self.session = nil
        session.closed()
    }

    override func didReceive(_ count: Int) { proxy.counters.received(count) }

    override func didSend(_ count: Int) { proxy.counters.sent(count) }

    // MARK: Rest

    /// An answer is complete, and the client was told that it may ask again.
    ///
    /// While the server stops it gets time for the request that may be on its way, and no more.
    func rest() {
        restStart = loop.now
        wasServed = true
        setDeadline(after: idleLimit)
    }

    /// The rest goes on: something has come that was not read yet.
    func waitOn() { setDeadline(after: idleLimit) }

    private var idleLimit: LoopInterval { proxy.isDraining ? Self.lateLimit : proxy.rules.clientIdle }

    /// Closes the connection if no request has begun on it and none is likely to be on its way.
    ///
    /// A client that was served or let in just now may have sent one already, and would lose it.
    func closeIfResting() {
        guard let session, session.isBetweenRequests else { return }
        let rest = wasServed ? loop.now.nanoseconds(since: restStart) : 0
        guard rest >= Self.lateLimit.nanoseconds, isSilent() else {
            let limit = Self.lateLimit.nanoseconds
            return setDeadline(after: LoopInterval(nanoseconds: rest < limit ? limit - rest : limit))
        }
        session.close()
    }

    /// Whether nothing has been under way since `moment`: no request has begun, and every answer is written.
    func hasRested(since moment: LoopTime) -> Bool {
        session?.isBetweenRequests == true && queuedCount == 0 && restStart <= moment
    }

    /// Whether an exchange is going on.
    var isBusy: Bool { session?.exchange != nil }

    // MARK: For the worker

    /// Tells a tunnel that the server goes away.
    func announceShutdown() { session?.exchange?.announceShutdown() }

    /// Closes the connection whatever it is doing.
    func cut() {
        if let session { session.cut() } else { close() }
    }
}

/// The clients of a worker, each of which knows its place, so that it comes and goes without a search.
struct ClientList {
    private var members: [ClientConnection] = []
    /// Where the next look for clients at rest begins.
    private var cursor = 0

    /// The number of clients.
    var count: Int { members.count }
    /// Those that are there at the moment.
    var all: [ClientConnection] { members }

    /// Adds a client.
    mutating func add(_ client: ClientConnection) {
        client.place = members.count
        members.append(client)
    }

    /// Takes a client out.
    mutating func remove(_ client: ClientConnection) {
        let last = members.removeLast()
        guard last !== client else { return }
        members[client.place] = last
        last.place = client.place
    }

    /// Looks at the next `limit` clients, from where the last look ended.
    ///
    /// - Returns: those that have rested since `moment`, the longest rest first.
    mutating func resting(since moment: LoopTime, among limit: Int) -> [ClientConnection] {
        var found: [ClientConnection] = []
        for _ in 0..<min(limit, members.count) {
            cursor = cursor + 1 < members.count ? cursor + 1 : 0
            let client = members[cursor]
            if client.hasRested(since: moment) { found.append(client) }
        }
        return found.sorted { $0.restStart < $1.restStart }
    }
}
