internal import Events
internal import HTTPMessages

/// One request with its answer in the terms of the client's protocol: all that an exchange knows of its client.
///
/// A session makes streams and begins exchanges on them. Calls that append collect an answer, `flush` sends what was
/// collected; the framing, the fate of the connection and the order of answers are the session's. What the client does
/// is told to the exchange: `takeBody…`, `clientDrained`, `clientGone`, `clientStalled`, `bodyIsLate`.
///
/// No method of an exchange is called from inside a call to its stream.
class ClientStream {
    /// Who asks.
    final let origin: RequestOrigin
    /// The body of the answer is given a frame, so that pieces have to be appended and cannot be passed to `flush`.
    final var framesBody = false

    init(_ origin: RequestOrigin) {
        self.origin = origin
    }

    // MARK: What is known of the client

    /// Whether so much is queued for the client that no more should be sent before it is told that it drained.
    var isCongested: Bool { false }
    /// Whether the client can be sent nothing any more.
    var isBroken: Bool { false }
    /// Whether the client of a tunnel has ended its side.
    var isInputEnded: Bool { false }

    // MARK: The request's body

    /// The body waits for a connection, and the client cannot be late meanwhile.
    func holdBody() {}

    /// The body waits for the backend, which does not take it as fast as it comes: nothing more is read.
    func pauseBody() {}

    /// The body may come.
    ///
    /// - Parameter limit: how long the next piece may take; zero is for ever.
    func resumeBody(within limit: LoopInterval) {}

    // MARK: The answer

    /// Appends an interim response (RFC 9110 §15.2), to a client that can take it.
    func appendInterim(_ head: ResponseHead, _ bytes: Span<UInt8>) {}

    /// Appends the head of the final answer.
    ///
    /// - Parameters:
    ///   - head: what the backend's head was parsed to.
    ///   - bytes: what it was parsed from.
    ///   - framing: how the body ends on the connection to the backend.
    ///   - id: the request's id.
    func appendHead(_ head: ResponseHead, _ bytes: Span<UInt8>, framing: BodyFraming, id: RequestIDText) {}

    /// Appends the head of an answer that switches protocols; a tunnel follows.
    func appendSwitch(_ head: ResponseHead, _ bytes: Span<UInt8>, id: RequestIDText) {}

    /// Appends a piece of the body.
    func appendBody(_ bytes: Span<UInt8>, _ piece: Range<Int>) {}

    /// Appends the end of a body whose end the backend marked.
    ///
    /// - Parameters:
    ///   - trailers: the trailer section, if there is one.
    ///   - nominated: what the answer's `Connection` listed.
    /// - Throws: when the trailers are malformed; then nothing was appended.
    func appendEnd(_ trailers: ByteWriter?, without nominated: ByteWriter) throws(MessageError) {}

    /// Appends the end of a body that ended with the backend's connection.
    func appendEndAtClose() {}

    /// Appends a whole answer that tells of a failure.
    ///
    /// - Parameters:
    ///   - failure: what to tell.
    ///   - retryAfter: seconds for `Retry-After`.
    ///   - isHead: the request was HEAD.
    ///   - id: the request's id.
    func appendFailure(_ failure: GatewayFailure, retryAfter: Int?, isHead: Bool, id: RequestIDText) {}

    /// Appends the answer to a TRACE that ends here.
    ///
    /// - Returns: the number of body bytes.
    func appendTrace(_ request: RequestHead, _ bytes: Span<UInt8>, id: RequestIDText) -> Int { 0 }

    /// Appends the answer to an OPTIONS that ends here.
    func appendOptions(id: RequestIDText) {}

    /// Sends what was appended, and `direct` right behind it.
    ///
    /// - Parameters:
    ///   - direct: a piece of the body as it is, or bytes of a tunnel.
    ///   - isLast: the answer is complete with it.
    func flush(_ direct: Span<UInt8>, isLast: Bool) {}

    // MARK: The end

    /// The exchange is over and its answer complete.
    func finish() {}

    /// The exchange is over and its answer is not complete: the client must see that (RFC 9112 §8).
    ///
    /// - Parameter ending: what becomes of what is queued.
    func breakOff(_ ending: AnswerEnding) {}

    // MARK: A tunnel

    /// Bytes have no meaning from now on.
    func openTunnel() {}

    /// Nothing may pass for so long; zero is for ever.
    func restartTunnelClock(_ limit: LoopInterval) {}

    /// Ends the side towards the client after what is queued.
    func endTunnelOutput() {}

    /// The tunnel is over.
    ///
    /// - Parameter ending: what becomes of what is queued.
    func closeTunnel(_ ending: TunnelEnding) {}
}

/// What becomes of bytes queued for a client whose answer is broken off.
enum AnswerEnding {
    /// They are written first.
    case whenWritten
    /// They are dropped.
    case atOnce
}

/// How a client's side of a tunnel is closed.
enum TunnelEnding {
    /// When everything queued is written.
    case whenWritten
    /// The same, and then the client gets time to end its side.
    case lingering
}
