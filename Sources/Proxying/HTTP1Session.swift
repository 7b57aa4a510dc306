internal import Balancing
internal import Events
internal import HTTPMessages
internal import Observability

/// HTTP/1 on a client's connection: heads and bodies in, answers out, one request after the other.
///
/// The protocol carries one exchange at a time, so the session is its own stream. Overrides are what its
/// exchanges call: answers in HTTP/1, and what becomes of the connection behind them (RFC 9112).
final class HTTP1Session: ClientStream {
    /// What the bytes that arrive belong to.
    enum Phase {
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

    let connection: ClientConnection
    let proxy: Proxy
    /// What goes to the client next; empty between two callbacks.
    let output: ByteWriter
    var phase = Phase.head
    var exchange: Exchange?
    /// The body of the request being exchanged.
    var body = BodyDecoder(.none, maxTrailers: 0)
    /// The client speaks HTTP/1.1, so it knows chunks and interim responses.
    private(set) var speaks11 = true
    /// The client wants to go on behind the answer.
    private(set) var wantsKeepAlive = true
    /// How the answer's body ends.
    var answerFraming = BodyFraming.none
    /// The answer says that the connection is kept.
    var keepsConnection = false
    private var scanner = HeadScanner()
    private(set) var requestStart: LoopTime?

    /// A session at its start.
    init(on connection: ClientConnection, proxy: Proxy) {
        self.connection = connection
        self.proxy = proxy
        output = proxy.toClient
        super.init(connection.origin)
    }

    // MARK: Events of the connection

    /// Takes bytes from the client.
    ///
    /// - Returns: how many were taken.
    func received(_ bytes: Span<UInt8>) -> Int {
        switch phase {
        case .head: return receiveHead(bytes)
        case .body:
            let taken = takeBody(bytes, from: 0)
            boundHeld(bytes.count - taken)
            return taken
        case .waiting:
            boundHeld(bytes.count)
            return 0
        case .tunnel: return exchange?.takeTunnelBytes(bytes) ?? bytes.count
        case .closing: return bytes.count
        }
    }

    /// The client ended its side.
    func ended() {
        switch phase {
        case .tunnel: exchange?.clientEnded()
        case .body, .waiting: exchange?.clientGone()
        case .head, .closing:
            phase = .closing
            connection.closeWhenWritten()
        }
    }

    /// The connection broke.
    func failed() {
        if let exchange { exchange.clientGone() } else { connection.close() }
    }

    /// The connection takes nothing any more.
    func outputFailed(timedOut: Bool) {
        guard let exchange else { return connection.close() }
        if timedOut { exchange.clientStalled() } else { exchange.clientGone() }
    }

    /// What was queued for the client is nearly written.
    func drained() {
        if let exchange {
            exchange.clientDrained()
        } else if phase == .head {
            connection.resumeReading()
            connection.deliverHeldSoon()
        }
    }

    /// The deadline of the connection passed.
    func deadlinePassed() {
        switch phase {
        case .head: headIsLate()
        case .body: exchange?.bodyIsLate()
        case .tunnel: exchange?.tunnelTimedOut()
        case .waiting, .closing: break
        }
    }

    private func headIsLate() {
        // What is held because the client does not take the answers before is not late; the write timeout is its limit.
        if connection.isCongested { return connection.waitOn() }
        if connection.heldCount > 0 { return refuseLate() }
        // A request that came in this very turn is not read yet, and it is not late.
        guard connection.isAtEnd || connection.isSilent() else { return connection.waitOn() }
        phase = .closing
        connection.closeWhenWritten()
    }

    /// The connection closed.
    func closed() {
        phase = .closing
        exchange?.clientGone()
    }

    // MARK: For the connection

    /// Whether no request has begun.
    var isBetweenRequests: Bool { phase == .head && connection.heldCount == 0 }

    /// Closes the connection, on which no request is to be expected.
    func close() {
        phase = .closing
        connection.closeWhenWritten()
    }

    /// Closes the connection whatever it is doing.
    func cut() {
        if let exchange { exchange.cut() } else { connection.close() }
    }

    // MARK: Heads

    private func receiveHead(_ bytes: Span<UInt8>) -> Int {
        if connection.isCongested {
            // The answers sent so far have to be read before the next one is asked for.
            boundHeld(bytes.count)
            return 0
        }
        let limits = proxy.rules.headLimits
        if scanner.isFresh {
            requestStart = connection.loop.now
        } else if !isWorthParsing(bytes, limits) {
            return 0
        }
        do {
            guard let length = try proxy.requestHead.parse(bytes, limits: limits) else {
                if scanner.isFresh {
                    connection.setDeadline(after: proxy.rules.clientHeader)
                    _ = isWorthParsing(bytes, limits)
                }
                return 0
            }
            scanner = HeadScanner()
            return begin(proxy.requestHead, bytes, headLength: length)
        } catch {
            refuse(.refused(error), bytes)
            return bytes.count
        }
    }

    private func isWorthParsing(_ bytes: Span<UInt8>, _ limits: HeadLimits) -> Bool {
        var scanner = scanner
        defer { self.scanner = scanner }
        return scanner.isWorthParsing(bytes) || bytes.count >= limits.maxSize
    }

    private func begin(_ head: RequestHead, _ bytes: Span<UInt8>, headLength: Int) -> Int {
        connection.clearDeadline()
        speaks11 = head.minorVersion >= 1
        wantsKeepAlive = head.wantsKeepAlive
        body = BodyDecoder(head.framing, maxTrailers: proxy.rules.headLimits.maxSize)
        phase = body.isFinished ? .waiting : .body
        let next = proxy.makeExchange()
        exchange = next
        next.begin(
            self,
            head,
            bytes,
            localAuthority: head.host == nil ? connection.localAuthority : "",
            at: requestStart ?? connection.loop.now
        )
        let taken = phase == .body ? takeBody(bytes, from: headLength) : headLength
        if phase != .head {
            boundHeld(bytes.count - taken)
        } else if taken < bytes.count {
            // The exchange is over already, and what follows is the next request.
            connection.deliverHeldSoon()
        }
        return taken
    }

    // MARK: The next request

    /// Waits for the next request on a connection that the answer said is kept.
    func rest() {
        exchange = nil
        phase = .head
        connection.rest()
        connection.resumeReading()
        if connection.heldCount > 0 { connection.deliverHeldSoon() }
    }

    // MARK: What is known of the client

    override var isCongested: Bool { connection.isCongested }

    override var isBroken: Bool { connection.isOutputBroken }

    override var isInputEnded: Bool { connection.isAtEnd }

    // MARK: The request's body

    override func holdBody() { connection.clearDeadline() }

    override func pauseBody() {
        connection.pauseReading()
        connection.clearDeadline()
    }

    override func resumeBody(within limit: LoopInterval) {
        // Once the request is complete, or a tunnel is open, the deadline is somebody else's.
        if phase == .body { connection.setDeadline(after: limit) }
        connection.resumeReading()
        connection.deliverHeldSoon()
    }

    // MARK: The answer

    override func appendInterim(_ head: ResponseHead, _ bytes: Span<UInt8>) {
        if speaks11 { ResponseRewriter.writeInterim(head, bytes, to: output) }
    }

    override func appendHead(
        _ head: ResponseHead,
        _ bytes: Span<UInt8>,
        framing: BodyFraming,
        id: RequestIDText
    ) {
        frame(framing)
        keepsConnection =
            wantsKeepAlive && proxy.keepsClients && answerFraming != .untilClose && body.isFinished
        ResponseRewriter.write(
            head,
            bytes,
            plan: ResponseRewriter.Plan(
                framing: answerFraming,
                closes: !keepsConnection,
                announcesKeepAlive: keepsConnection && !speaks11,
                upgrades: false,
                wallSeconds: head.hasDate ? 0 : LoopTime.wallSeconds()
            ),
            id: id,
            to: output
        )
    }

    /// A body without a known length goes in chunks, or ends with the connection where the client knows no chunks.
    private func frame(_ framing: BodyFraming) {
        answerFraming =
            switch framing {
            case .none, .length: framing
            case .chunked, .untilClose: speaks11 ? .chunked : .untilClose
            }
        framesBody = answerFraming == .chunked
    }

    override func appendSwitch(_ head: ResponseHead, _ bytes: Span<UInt8>, id: RequestIDText) {
        ResponseRewriter.write(
            head,
            bytes,
            plan: ResponseRewriter.Plan(
                framing: .none,
                closes: false,
                announcesKeepAlive: false,
                upgrades: true,
                wallSeconds: 0
            ),
            id: id,
            to: output
        )
    }

    override func appendBody(_ bytes: Span<UInt8>, _ piece: Range<Int>) {
        if framesBody {
            output.appendChunk(bytes, piece)
        } else {
            output.append(bytes, piece)
        }
    }

    override func appendEnd(_ trailers: ByteWriter?, without nominated: ByteWriter) throws(MessageError) {
        let limits = proxy.rules.headLimits
        if framesBody {
            try output.appendLastChunk(trailers, without: nominated, limits: limits)
        } else if let trailers {
            try TrailerSection.check(trailers, limits: limits)
        }
    }

    override func appendEndAtClose() {
        if framesBody { output.append("0\r\n\r\n") }
    }

    override func appendFailure(_ failure: GatewayFailure, retryAfter: Int?, isHead: Bool, id: RequestIDText)
    {
        keepsConnection = mayKeep && failure.allowsAnotherRequest
        output.clear()
        GatewayAnswer.write(
            failure,
            retryAfter: retryAfter,
            isHead: isHead,
            keepsAlive: keepsConnection,
            wallSeconds: LoopTime.wallSeconds(),
            id: id,
            to: output
        )
    }

    override func appendTrace(_ request: RequestHead, _ bytes: Span<UInt8>, id: RequestIDText) -> Int {
        keepsConnection = mayKeep
        return GatewayAnswer.writeTrace(
            request,
            bytes,
            keepsAlive: keepsConnection,
            wallSeconds: LoopTime.wallSeconds(),
            id: id,
            to: output
        )
    }

    override func appendOptions(id: RequestIDText) {
        keepsConnection = mayKeep
        GatewayAnswer.writeOptions(
            keepsAlive: keepsConnection,
            wallSeconds: LoopTime.wallSeconds(),
            id: id,
            to: output
        )
    }

    /// Whether another request may follow an answer of the gateway's own: nothing of this one may be left.
    private var mayKeep: Bool { wantsKeepAlive && speaks11 && body.isFinished && proxy.keepsClients }

    override func flush(_ direct: Span<UInt8>, isLast: Bool) {
        connection.send(output, direct, isLast: isLast && !keepsConnection)
        output.clear()
    }

    // MARK: The end

    override func finish() {
        if keepsConnection && body.isFinished { return rest() }
        exchange = nil
        phase = .closing
        // What the client still sends must not meet a closed socket before it has read the answer.
        if body.isFinished, connection.heldCount == 0, !connection.isReceiving {
            connection.closeWhenWritten()
        } else {
            connection.closeLingering(limit: Proxy.lingerLimit)
        }
    }

    override func breakOff(_ ending: AnswerEnding) {
        // The client would take the end of its connection for the end of the answer.
        let hidesItsEnd = answerFraming == .untilClose && phase != .tunnel
        exchange = nil
        phase = .closing
        output.clear()
        if hidesItsEnd { return connection.abort() }
        switch ending {
        case .whenWritten: connection.closeWhenWritten()
        case .atOnce: connection.close()
        }
    }

    // MARK: A tunnel

    override func openTunnel() {
        phase = .tunnel
        connection.resumeReading()
        connection.deliverHeldSoon()
    }

    override func restartTunnelClock(_ limit: LoopInterval) { connection.setDeadline(after: limit) }

    override func endTunnelOutput() { connection.endOutput() }

    override func closeTunnel(_ ending: TunnelEnding) {
        exchange = nil
        phase = .closing
        switch ending {
        case .whenWritten: connection.closeWhenWritten()
        case .lingering: connection.closeLingering(limit: Proxy.lingerLimit)
        }
    }
}
