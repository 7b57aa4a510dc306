internal import Events
internal import HTTPMessages
internal import Observability

/// What was asked, as far as it is needed once the client's bytes are gone.
struct RequestRecord {
    /// The head as backends see it, kept until the answer's head in case it has to be sent again.
    let head: ByteWriter
    /// What the request's `Connection` listed, kept for its trailers.
    let nominated: ByteWriter
    /// Where the parts that the log wants lie in `head`.
    private(set) var marks = AccessLogEntry.Parts()
    /// What the method allows.
    private(set) var kind = RequestMethod.other
    /// The body is sent to the backend in chunks.
    private(set) var isChunked = false
    /// The client offers to switch protocols.
    private(set) var wantsUpgrade = false
    /// The client waits to be told before it sends its body.
    private(set) var expectsContinue = false
    /// Body bytes, or bytes of a tunnel, that came from the client.
    var bodyBytes = 0

    /// A record of nothing.
    init() {
        head = ByteWriter(capacity: 1024)
        nominated = ByteWriter()
    }

    /// A record of nothing in the memory of another one, of which a little is kept.
    init(reusing other: RequestRecord) {
        head = other.head
        nominated = other.nominated
        head.clear(keepingAtMost: 16 * 1024)
        if !nominated.isEmpty { nominated.clear(keepingAtMost: 1024) }
    }

    /// Takes what `request`, parsed from `bytes`, asks for.
    mutating func take(
        _ request: RequestHead,
        _ bytes: Span<UInt8>,
        from origin: RequestRewriter.Origin,
        ids: RequestIDSource
    ) {
        kind = request.kind
        wantsUpgrade = request.offersUpgrade(bytes)
        expectsContinue = request.expectsContinue
        isChunked = request.framing == .chunked
        if isChunked { request.connection.copyNominated(bytes, to: nominated) }
        marks = RequestRewriter.write(
            request,
            bytes,
            from: origin,
            upgrades: wantsUpgrade,
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
    let bytes: ByteWriter

    /// The most bytes that are kept.
    static let limit = 64 * 1024

    /// A buffer with nothing in it.
    init() { bytes = ByteWriter() }

    /// A buffer with nothing in it, in the memory of another one, of which a little is kept.
    init(reusing other: ReplayBuffer) {
        bytes = other.bytes
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
