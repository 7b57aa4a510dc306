internal import Events
internal import HTTPMessages

/// What of the answer has come and passed.
struct AnswerRecord {
    /// What differs from one answer to the next, apart from memory that is kept.
    private struct Facts {
        var status = 0
        var bytes = 0
        var keepsUpstream = false
        var upstreamIdleLimit: LoopInterval?
    }

    /// What the answer's `Connection` listed, kept for its trailers.
    let nominated = ByteWriter()
    private var facts = Facts()
    private var body = BodyDecoder(.none, maxTrailers: 0)
    private var scanner = HeadScanner()

    /// The status that the client got; 0 before that.
    var status: Int { facts.status }
    /// Body bytes, or bytes of a tunnel, that went to the client.
    var bytes: Int { facts.bytes }
    /// The connection may serve another exchange when the answer is complete.
    var keepsUpstream: Bool { facts.keepsUpstream }
    /// How long the backend said that it would wait for the next request.
    var upstreamIdleLimit: LoopInterval? { facts.upstreamIdleLimit }
    /// Whether the body is complete.
    var isComplete: Bool { body.isFinished }
    /// Whether the end of the connection is the end of the body.
    var endsAtClose: Bool { body.endsAtClose }

    /// Forgets the answer, and keeps a little memory; what follows a head begins with the next one.
    mutating func reset() {
        facts = Facts()
        if !nominated.isEmpty { nominated.clear(keepingAtMost: 1024) }
    }

    /// The client gets this status.
    mutating func told(_ status: Int) { facts.status = status }

    /// The client gets so many bytes more.
    mutating func count(_ bytes: Int) { facts.bytes += bytes }

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
    ///   - bytes: what it was parsed from.
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
        facts.status = head.status
        let framing = head.framing(answering: kind)
        body = BodyDecoder(framing, maxTrailers: maxTrailers)
        if framing == .chunked { head.connection.copyNominated(bytes, to: nominated) }
        facts.keepsUpstream =
            head.keepsConnection && framing != .untilClose && !Self.announcesMissingBody(head, kind)
            && !declinesBody
        facts.upstreamIdleLimit = head.keepAliveTimeout.map { .seconds($0) }
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
                facts.bytes += piece.count
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
    mutating func distrustUpstream() { facts.keepsUpstream = false }

    /// The end of the connection is the end of the body.
    mutating func endAtClose() { body.abandon() }
}
