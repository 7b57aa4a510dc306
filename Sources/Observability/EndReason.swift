/// How an exchange ended: the closed list that the access log and the metrics speak in.
public enum EndReason: Int, Sendable, CaseIterable {
    /// The client has the whole answer, whatever its status.
    case ok
    /// The client went away before it had the whole answer.
    case clientAbort
    /// The client did not send its request, or did not take its answer, in time.
    case clientTimeout
    /// The request is malformed.
    case badRequest
    /// The request asks for something that a gateway does not do.
    case unsupported
    /// The request, or a part of it, is too large.
    case limit
    /// No backend is alive.
    case noBackend
    /// This machine has no connection left.
    case shortage
    /// No backend that was tried could be connected to.
    case connectFail
    /// No backend that was tried accepted a connection in time.
    case timeoutConnect
    /// The backend closed or reset the connection without an answer.
    case reset
    /// The backend did not take the request in time.
    case timeoutSend
    /// The backend did not begin its answer in time.
    case timeoutHeader
    /// The backend stopped in the middle of its answer.
    case timeoutRead
    /// The backend ended its answer in the middle.
    case truncated
    /// The backend's answer breaks the protocol, or was not asked for.
    case badAnswer
    /// An upgraded connection rested for too long.
    case tunnelIdle
    /// The process stopped and waited no longer.
    case drain

    /// The word that stands in a line and in a label.
    public var text: StaticString {
        switch self {
        case .ok: "ok"
        case .clientAbort: "client_abort"
        case .clientTimeout: "client_timeout"
        case .badRequest: "bad_request"
        case .unsupported: "unsupported"
        case .limit: "limit"
        case .noBackend: "no_backend"
        case .shortage: "shortage"
        case .connectFail: "connect_fail"
        case .timeoutConnect: "timeout_connect"
        case .reset: "reset"
        case .timeoutSend: "timeout_send"
        case .timeoutHeader: "timeout_header"
        case .timeoutRead: "timeout_read"
        case .truncated: "truncated"
        case .badAnswer: "bad_answer"
        case .tunnelIdle: "tunnel_idle"
        case .drain: "drain"
        }
    }
}

/// Why an exchange went to the backend it went to.
public enum PickReason: Sendable {
    /// It is the client's own backend.
    case hash
    /// The client's own backend gets no traffic, and this is the next one that does.
    case next
    /// An attempt elsewhere failed before.
    case retry
    /// The request waited at a backend that went down meanwhile.
    case rescue

    /// The word that stands in a line.
    public var text: StaticString {
        switch self {
        case .hash: "hash"
        case .next: "next"
        case .retry: "retry"
        case .rescue: "rescue"
        }
    }
}
