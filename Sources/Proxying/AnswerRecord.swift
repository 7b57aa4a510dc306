internal import Events
internal import HTTPMessages

/// What of the answer has come and passed.
struct AnswerRecord {
    /// What the answer's `Connection` listed, kept for its trailers.
    let nominated: ByteWriter
    /// The status that the client got; 0 before that.
    var status = 0
    /// Body bytes, or bytes of a tunnel, that went to the client.
    var bytes = 0
    /// Follows the body.
    private(set) var body = BodyDecoder(.none, maxTrailers: 0)
    /// The connection may serve another exchange when the answer is complete.
    private(set) var keepsUpstream = false
    /// How long the backend said that it would wait for the next request.
    private(set) var upstreamIdleLimit: LoopInterval?
    private var scanner = HeadScanner()

    /// A record of nothing.
    init() { nominated = ByteWriter() }

    /// A record of nothing in the memory of another one, of which a little is kept.
    init(reusing other: AnswerRecord) {
        nominated = other.nominated
        if !nominated.isEmpty { nominated.clear(keepingAtMost: 1024) }
    }

    // MARK: Heads

    /// Another connection answers.
    mutating func beginHead() { scanner = HeadScanner() }

    /// Whether bytes that begin with a head that was incomplete before may hold all of it now.
    mutating func isWorthParsing(_ bytes: Span<UInt8>, _ limits: HeadLimits) -> Bool {
        scanner.isFresh || scanner.isWorthParsing(bytes) || bytes.count >= limits.maxSize
    }

    /// The head in `bytes` is not complete.
    mutating func noteIncomplete(_ bytes: Span<UInt8>) {
        if scanner.isFresh { _ = scanner.isWorthParsing(bytes) }
    }

    /// Takes the final head, parsed from `bytes`.
    ///
    /// - Parameters:
    ///   - head: the head.
    ///   - kind: the request's method.
    ///   - declinesBody: it says no to a client that asked before it sent its body. A backend may think that the body
    ///     never comes and take it, which is on its way or there, for the next request (RFC 9110 §10.1.1).
    ///   - maxTrailers: the most bytes a trailer section may take.
    /// - Returns: how the body ends on the connection.
    mutating func take(
        _ head: ResponseHead,
        _ bytes: Span<UInt8>,
        to kind: RequestMethod,
        declinesBody: Bool,
        maxTrailers: Int
    ) -> BodyFraming {
        status = head.status
        let framing = head.framing(answering: kind)
        body = BodyDecoder(framing, maxTrailers: maxTrailers)
        if framing == .chunked { head.connection.copyNominated(bytes, to: nominated) }
        keepsUpstream =
            head.keepsConnection && framing != .untilClose && !Self.announcesMissingBody(head, kind)
            && !declinesBody
        upstreamIdleLimit = head.keepAliveTimeout.map { .seconds($0) }
        return framing
    }

    /// The head speaks of a body that must not come (HEAD, 204, 304).
    ///
    /// Not every backend knows that, and a body that came after all would be the answer to the next request on the
    /// connection.
    private static func announcesMissingBody(_ head: ResponseHead, _ kind: RequestMethod) -> Bool {
        guard kind == .head || head.status == 204 || head.status == 304 else { return false }
        return head.announcesBody
    }

    // MARK: The body

    /// Passes on what is there of the body.
    ///
    /// - Returns: the range to flush as it is; everything else was appended to `stream`.
    mutating func passBody(
        _ bytes: Span<UInt8>,
        at position: inout Int,
        to stream: ClientStream
    ) throws(MessageError) -> Range<Int> {
        var direct = position..<position
        while true {
            switch try body.next(bytes, at: &position) {
            case .needsMore: return direct
            case .data(let piece):
                self.bytes += piece.count
                if stream.framesBody {
                    stream.appendBody(bytes, piece)
                } else {
                    // More than one piece at a time has only a chunked answer to a client that knows no chunks.
                    if !direct.isEmpty { stream.appendBody(bytes, direct) }
                    direct = piece
                }
                if body.isFinished { return direct }
            case .end:
                try stream.appendEnd(body.takeTrailers(), without: nominated)
                return direct
            }
        }
    }

    /// Bytes came behind the answer that were not asked for: whatever they are, they must not meet the next request.
    mutating func distrustUpstream() { keepsUpstream = false }

    /// The end of the connection is the end of the body.
    mutating func endAtClose() { body.abandon() }
}
