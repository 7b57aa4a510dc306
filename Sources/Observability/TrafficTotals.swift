internal import HTTPMessages

/// What the traffic with one backend counts, summed over the workers.
public struct BackendTotals: Sendable {
    /// Answers by method and class of status; the index is `MethodLabel.rawValue * StatusClass.allCases.count +
    /// StatusClass.rawValue`.
    public var requests = [UInt64](
        repeating: 0,
        count: MethodLabel.allCases.count * StatusClass.allCases.count
    )
    /// From the first byte of a request to the last of its answer.
    public var duration = HistogramTotals(.request)
    /// From the begin of a connect to the connection being there; those that failed are not among them.
    public var connect = HistogramTotals(.request)
    /// From the connection being there for a request to the final head of its answer.
    public var header = HistogramTotals(.request)
    /// Exchanges going on with it, tunnels included.
    public var inFlight = 0
    /// Upgraded connections.
    public var tunnels = 0
    /// Connections at rest.
    public var idleConnections = 0
    /// Connections in use.
    public var activeConnections = 0
    /// Connections made.
    public var opened: UInt64 = 0
    /// Exchanges that used a connection again.
    public var reused: UInt64 = 0
    /// Bytes that came from it.
    public var received: UInt64 = 0
    /// Bytes that were sent to it.
    public var sent: UInt64 = 0
    /// Requests it got though the client's own backend is another one.
    public var spilled: UInt64 = 0
    /// Requests tried again after they failed here, by reason.
    public var retries = [UInt64](repeating: 0, count: RetryReason.allCases.count)

    /// Nothing counted yet.
    public init() {}
}

/// What the clients' side counts, summed over the workers.
public struct ClientTotals: Sendable {
    /// Connections open.
    public var open = 0
    /// Connections accepted.
    public var accepted: UInt64 = 0
    /// Bytes that came from clients.
    public var received: UInt64 = 0
    /// Bytes that were sent to clients.
    public var sent: UInt64 = 0
    /// Lines of the access log that were dropped instead of waited for.
    public var droppedLogLines: UInt64 = 0
    /// Requests that ended, by how; one for each line that the access log has, or would have.
    public var ends = [UInt64](repeating: 0, count: EndReason.allCases.count)
    /// Requests that were refused, by reason; of some a backend heard the part before what is wrong with them.
    public var rejected = [UInt64](repeating: 0, count: RejectReason.allCases.count)
    /// Requests that found no backend, by reason.
    public var noBackend = [UInt64](repeating: 0, count: NoBackendReason.allCases.count)

    /// Nothing counted yet.
    public init() {}
}

/// The methods that are told apart; the others are one.
public enum MethodLabel: Int, Sendable, CaseIterable {
    case get, head, post, put, delete, patch, options, other

    /// The label of a method, which is told by its length and bytes alone.
    public init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        @inline(__always)
        func matches(_ text: StaticString) -> Bool { bytes.equals(text, at: range) }
        self =
            switch range.count {
            case 3: matches("GET") ? .get : matches("PUT") ? .put : .other
            case 4: matches("POST") ? .post : matches("HEAD") ? .head : .other
            case 5: matches("PATCH") ? .patch : .other
            case 6: matches("DELETE") ? .delete : .other
            case 7: matches("OPTIONS") ? .options : .other
            default: .other
            }
    }

    /// The label's value.
    public var text: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .patch: "PATCH"
        case .options: "OPTIONS"
        case .other: "other"
        }
    }
}

/// The first digit of a status.
public enum StatusClass: Int, Sendable, CaseIterable {
    case informational, success, redirection, clientError, serverError

    /// The class of a status; what is out of range counts as a server's error.
    public init(_ status: Int) {
        self = StatusClass(rawValue: status / 100 - 1) ?? .serverError
    }

    /// The label's value.
    public var text: String { "\(rawValue + 1)xx" }
}

/// Why a request was tried again.
public enum RetryReason: Int, Sendable, CaseIterable {
    /// No connection could be made.
    case connect
    /// No connection was made in time.
    case connectTimeout
    /// A connection at rest turned out closed.
    case stale
    /// A fresh connection was reset or closed without an answer.
    case reset
    /// The backend went down while the request waited there.
    case rescue

    /// The label's value.
    public var text: String {
        switch self {
        case .connect: "connect"
        case .connectTimeout: "connect_timeout"
        case .stale: "stale"
        case .reset: "reset"
        case .rescue: "rescue"
        }
    }
}

/// Why a request was refused.
public enum RejectReason: Int, Sendable, CaseIterable {
    /// It is malformed.
    case malformed
    /// Its head is too large or has too many fields.
    case headTooLarge
    /// Its body is too large.
    case bodyTooLarge
    /// It did not arrive in time.
    case timeout
    /// It asks for something that is not supported here.
    case unsupported

    /// The label's value.
    public var text: String {
        switch self {
        case .malformed: "malformed"
        case .headTooLarge: "head_too_large"
        case .bodyTooLarge: "body_too_large"
        case .timeout: "timeout"
        case .unsupported: "unsupported"
        }
    }
}

/// Why a request found no backend.
public enum NoBackendReason: Int, Sendable, CaseIterable {
    /// None is alive.
    case noneAlive
    /// None that is alive could be reached.
    case unreachable
    /// This machine has no connection left.
    case shortage

    /// The label's value.
    public var text: String {
        switch self {
        case .noneAlive: "none_alive"
        case .unreachable: "unreachable"
        case .shortage: "shortage"
        }
    }
}
