internal import Events
internal import HTTPMessages
internal import Observability

/// What was asked, as far as it is needed once the client's bytes are gone.
struct RequestRecord {
    /// What differs from one request to the next, apart from memory that is kept.
    private struct Facts {
        var marks = AccessLogEntry.Parts()
        var kind = RequestMethod.other
        var isChunked = false
        var wantsUpgrade = false
        var expectsContinue = false
        var bodyBytes = 0
    }

    /// The head as backends see it, kept until the answer's head in case it has to be sent again.
    let head = ByteWriter(capacity: 1024)
    /// What the request's `Connection` listed, kept for its trailers.
    let nominated = ByteWriter()
    private var facts = Facts()

    /// Where the parts that the log wants lie in `head`.
    var marks: AccessLogEntry.Parts { facts.marks }
    /// What the method allows.
    var kind: RequestMethod { facts.kind }
    /// The body is sent to the backend in chunks.
    var isChunked: Bool { facts.isChunked }
    /// The client offers to switch protocols.
    var wantsUpgrade: Bool { facts.wantsUpgrade }
    /// The client waits to be told before it sends its body.
    var expectsContinue: Bool { facts.expectsContinue }
    /// Body bytes, or bytes of a tunnel, that came from the client.
    var bodyBytes: Int { facts.bodyBytes }

    /// Forgets the request, and keeps a little memory.
    mutating func reset() {
        facts = Facts()
        head.clear(keepingAtMost: 16 * 1024)
        if !nominated.isEmpty { nominated.clear(keepingAtMost: 1024) }
    }

    /// Counts bytes that came.
    mutating func count(_ bytes: Int) { facts.bodyBytes += bytes }

    /// Takes what `request`, parsed from `bytes`, asks for.
    mutating func take(
        _ request: RequestHead,
        _ bytes: Span<UInt8>,
        from origin: RequestRewriter.Origin,
        ids: RequestIDSource
    ) {
        facts.kind = request.kind
        facts.wantsUpgrade = request.offersUpgrade(bytes)
        facts.expectsContinue = request.expectsContinue
        facts.isChunked = request.framing == .chunked
        if facts.isChunked { request.connection.copyNominated(bytes, to: nominated) }
        facts.marks = RequestRewriter.write(
            request,
            bytes,
            from: origin,
            upgrades: facts.wantsUpgrade,
            ids: ids,
            to: head
        )
    }

    /// The request's id.
    var id: RequestIDText { RequestIDText(head, marks.id) }
}

/// Body bytes as they were sent, kept in case the request has to be sent again, as long as they are few.
struct ReplayBuffer {
    /// The bytes.
    let bytes = ByteWriter()

    /// The most bytes that are kept.
    static let limit = 64 * 1024

    /// Forgets everything, and keeps a little memory.
    func reset() {
        if !bytes.isEmpty { bytes.clear(keepingAtMost: 4 * 1024) }
    }

    /// Keeps what was sent.
    ///
    /// - Parameters:
    ///   - framed: what was sent first.
    ///   - start: where in it the body begins.
    ///   - direct: what was sent behind it.
    /// - Returns: `false` when it is too much; then everything is forgotten.
    func keep(_ framed: ByteWriter, from start: Int, _ direct: Span<UInt8>) -> Bool {
        guard bytes.count + framed.count - start + direct.count <= Self.limit else {
            forget()
            return false
        }
        bytes.append(framed, from: start)
        bytes.append(direct)
        return true
    }

    /// Gives the memory back.
    func forget() {
        if !bytes.isEmpty { bytes.clear(keepingAtMost: 0) }
    }
}
