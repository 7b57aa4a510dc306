internal import Balancing
internal import Configuration
internal import Events
internal import HTTPMessages
internal import Observability
internal import Upstreams

/// A client: reads requests one after the other and runs one exchange at a time, so answers keep the order.
final class ClientConnection: ByteStream {
    /// What the bytes that arrive belong to.
    enum Mode {
        /// The head of the next request.
        case head
        /// The body of the request being exchanged.
        case body
        /// The next request, which has to wait for the answer to this one.
        case waiting
        /// An upgraded connection.
        case tunnel
        /// Nothing any more.
        case closing
    }

    let address: ClientAddress
    let key: UInt32
    /// The port at the client's end of the connection; 0 when it has none.
    let peerPort: UInt16
    private let worker: ProxyWorker
    private var mode = Mode.head
    private var scanner = HeadScanner()
    private var exchange: Exchange?
    private var requestStart: LoopTime?
    private var arrival = LoopTime(nanoseconds: 0)
    /// When the last answer was complete; `nil` before the first one.
    private var lastServed: LoopTime?

    /// How long a client whose request may be on its way when the server stops may take to send it.
    private static let lateLimit = LoopInterval.seconds(1)

    init(from peer: SocketAddress?, worker: ProxyWorker) {
        self.worker = worker
        address = ClientAddress(peer)
        key = IPHash.key(address)
        peerPort = peer?.port ?? 0
        super.init(on: worker.loop)
    }

    /// The address and port the client connected to, as an authority.
    var localAuthority: String {
        guard let local = localAddress else { return "localhost" }
        let host = ClientAddress(local).text
        return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(local.port)" : "\(host):\(local.port)"
    }

    // MARK: Events

    override func connected() {
        worker.register(self)
        arrival = loop.now
        setWriteTimeout(worker.timeouts.clientBody)
        setDeadline(after: worker.isDraining ? Self.lateLimit : worker.timeouts.clientIdle)
    }

    override func received(_ bytes: Span<UInt8>) -> Int {
        switch mode {
        case .head: return receiveHead(bytes)
        case .body:
            guard let exchange else { return bytes.count }
            let taken = exchange.requestBytes(bytes)
            boundHeld(bytes.count - taken)
            return taken
        case .waiting:
            boundHeld(bytes.count)
            return 0
        case .tunnel: return exchange?.tunnelBytesFromClient(bytes) ?? bytes.count
        case .closing: return bytes.count
        }
    }

    override func ended() {
        switch mode {
        case .tunnel: exchange?.clientEnded()
        case .body, .waiting: exchange?.clientGone()
        case .head, .closing:
            mode = .closing
            closeWhenWritten()
        }
    }

    override func failed(_ code: Int32) {
        if let exchange { exchange.clientGone() } else { close() }
    }

    override func outputFailed(timedOut: Bool) {
        guard let exchange else { return close() }
        if timedOut { exchange.clientStalled() } else { exchange.clientGone() }
    }

    override func drained() {
        if let exchange {
            exchange.clientDrained()
        } else if mode == .head {
            resumeReading()
            deliverHeldSoon()
        }
    }

    override func deadlinePassed() {
        switch mode {
        case .head:
            if heldCount > 0 { return refuseLate() }
            mode = .closing
            closeWhenWritten()
        case .body: exchange?.bodyTimedOut()
        case .tunnel: exchange?.tunnelTimedOut()
        case .waiting, .closing: break
        }
    }

    override func didClose() {
        mode = .closing
        worker.unregister(self)
        exchange?.clientGone()
    }

    override func didReceive(_ count: Int) { worker.counters.received(count) }

    override func didSend(_ count: Int) { worker.counters.sent(count) }

    // MARK: For the exchange

    /// Says what the bytes that follow belong to.
    func expect(_ next: Mode) {
        mode = next
    }

    /// The exchange is over and its answer written or queued.
    ///
    /// - Parameters:
    ///   - keepsAlive: another request may follow.
    ///   - isRequestComplete: nothing of the request is left unread.
    func exchangeEnded(keepsAlive: Bool, isRequestComplete: Bool) {
        exchange = nil
        if keepsAlive {
            mode = .head
            lastServed = loop.now
            setDeadline(after: worker.timeouts.clientIdle)
            resumeReading()
            if heldCount > 0 { deliverHeldSoon() }
        } else {
            mode = .closing
            if isRequestComplete, heldCount == 0, !isReceiving {
                closeWhenWritten()
            } else {
                closeLingering(limit: ProxyWorker.lingerLimit)
            }
        }
    }

    /// The exchange is over and the connection is to be closed by the exchange itself.
    func exchangeAbandoned() {
        exchange = nil
        mode = .closing
    }

    /// Closes the connection if no request has begun on it and none is likely to be on its way.
    ///
    /// A client that was served or let in just now may have sent one already, and would lose it.
    func closeIfIdle() {
        guard mode == .head, heldCount == 0 else { return }
        let rest = lastServed.map { loop.now.nanoseconds(since: $0) } ?? 0
        guard rest >= Self.lateLimit.nanoseconds else {
            return setDeadline(after: LoopInterval(nanoseconds: Self.lateLimit.nanoseconds - rest))
        }
        mode = .closing
        closeWhenWritten()
    }

    /// When it came, or its last answer was complete.
    var restStart: LoopTime { lastServed ?? arrival }

    /// Whether nothing has been under way since `moment`: no request has begun, and every answer is written.
    func hasRested(since moment: LoopTime) -> Bool {
        mode == .head && heldCount == 0 && queuedCount == 0 && restStart <= moment
    }

    /// An exchange is going on.
    var isBusy: Bool { exchange != nil }

    /// It is a tunnel to a backend that the operator took out altogether.
    var isTunnelToMaintenance: Bool { mode == .tunnel && exchange?.backend?.duty == .maintenance }

    /// Tells a tunnel that the server goes away.
    func part() {
        if mode == .tunnel { exchange?.partTunnel() }
    }

    /// Ends a tunnel in good order.
    func endTunnel() { exchange?.finishTunnel(failure: nil) }

    /// Closes the connection whatever it is doing.
    func cut() {
        if let exchange { exchange.cut() } else { close() }
    }

    // MARK: Heads

    private func receiveHead(_ bytes: Span<UInt8>) -> Int {
        if isCongested {
            // The answers sent so far have to be read before the next one is asked for.
            boundHeld(bytes.count)
            return 0
        }
        if scanner.isFresh {
            requestStart = loop.now
        } else if !isWorthParsing(bytes) {
            return 0
        }
        do {
            guard let length = try worker.requestHead.parse(bytes, limits: worker.headLimits) else {
                if scanner.isFresh {
                    setDeadline(after: worker.timeouts.clientHeader)
                    _ = isWorthParsing(bytes)
                }
                return 0
            }
            scanner = HeadScanner()
            return begin(bytes, headLength: length)
        } catch {
            refuse(.refused(error), bytes)
            return bytes.count
        }
    }

    private func isWorthParsing(_ bytes: Span<UInt8>) -> Bool {
        var scanner = scanner
        defer { self.scanner = scanner }
        return scanner.isWorthParsing(bytes) || bytes.count >= worker.headLimits.maxSize
    }

    private func begin(_ bytes: Span<UInt8>, headLength: Int) -> Int {
        clearDeadline()
        let next = worker.makeExchange()
        exchange = next
        mode = .body
        let taken = next.begin(self, bytes, headLength: headLength, at: requestStart ?? loop.now)
        if mode != .head {
            boundHeld(bytes.count - taken)
        } else if taken < bytes.count {
            // The exchange is over already, and what follows is the next request.
            deliverHeldSoon()
        }
        return taken
    }

    /// Answers a request that never became an exchange, and closes.
    ///
    /// - Parameters:
    ///   - failure: why it is refused.
    ///   - bytes: what came of it, as the worker's parser saw it last.
    private func refuse(_ failure: GatewayFailure, _ bytes: Span<UInt8>) {
        mode = .closing
        let isHead = RequestMethod(bytes, worker.requestHead.method) == .head
        let request = RefusedRequest(bytes, worker.requestHead, worker.requestIDs, to: worker.refused)
        worker.outgoing.clear()
        GatewayAnswer.write(
            failure,
            retryAfter: nil,
            isHead: isHead,
            keepsAlive: false,
            wallSeconds: LoopTime.wallSeconds(),
            id: RequestIDText(worker.refused, request.parts.id),
            to: worker.outgoing
        )
        send(worker.outgoing)
        recordRefusal(failure, request.parts, bytesSent: isHead ? 0 : failure.sentence.utf8CodeUnitCount + 1)
        closeLingering(limit: ProxyWorker.lingerLimit)
    }

    /// The head did not arrive in time: what is there of it is looked at once more, for the log.
    private func refuseLate() {
        peekHeld { bytes in
            _ = try? worker.requestHead.parse(bytes, limits: worker.headLimits)
            refuse(.headTimedOut, bytes)
        }
    }

    private func recordRefusal(_ failure: GatewayFailure, _ parts: AccessLogEntry.Parts, bytesSent: Int) {
        worker.count(failure)
        guard worker.writesAccessLog else { return }
        var entry = AccessLogEntry(client: address.text, status: failure.status)
        entry.parts = parts
        entry.peerPort = peerPort
        entry.sent = bytesSent
        entry.times.total = LoopTime.current().nanoseconds(since: requestStart ?? loop.now)
        entry.end = failure.end
        entry.failure = failure.words
        let bytes = worker.refused.storage
        worker.accessLog.append(entry, bytes.span, at: worker.logTime())
    }

    /// Stops reading when too much waits here.
    private func boundHeld(_ count: Int) {
        if count >= ProxyWorker.holdLimit, mode != .closing { pauseReading() }
    }
}
