internal import HTTPMessages
internal import Observability

/// Why an exchange could not be brought to a good end.
enum GatewayFailure: Error, Equatable {
    /// Every backend is down.
    case noBackendAlive
    /// This machine has no descriptor, port or buffer left for another connection.
    case localShortage
    /// No connection could be made to any backend that was tried.
    case connectFailed
    /// The backend took too long to accept a connection.
    case connectTimedOut
    /// No backend could be connected to in the time that all attempts have together.
    case searchTimedOut
    /// The backend closed or reset the connection before a whole head of an answer.
    case closedBeforeHead
    /// The backend's answer breaks the protocol.
    case badAnswer(MessageError)
    /// The backend answered something that was not asked for, or too many interim responses.
    case unexpectedAnswer
    /// The backend took too long to answer.
    case responseTimedOut
    /// The backend stopped in the middle of its answer for too long.
    case readTimedOut
    /// The backend ended or broke its answer in the middle.
    case truncatedAnswer
    /// The backend stopped taking the request for too long.
    case requestTimedOut
    /// Nothing passed through a tunnel for too long.
    case tunnelTimedOut
    /// The client went away.
    case clientGone
    /// The client stopped taking the answer for too long.
    case clientStalled
    /// The client took too long over the head of its request.
    case headTimedOut
    /// The client took too long over its body.
    case clientBodyTimedOut
    /// The client's message is refused.
    case refused(MessageError)
    /// The client asked for something a gateway does not do.
    case methodNotAllowed
    /// The process is stopping and has waited long enough.
    case cut

    /// The status for the client, or for the log alone once the client has a head or is gone.
    var status: Int {
        switch self {
        case .noBackendAlive, .localShortage: 503
        case .connectFailed, .closedBeforeHead, .badAnswer, .unexpectedAnswer, .truncatedAnswer: 502
        case .connectTimedOut, .searchTimedOut, .responseTimedOut, .readTimedOut, .requestTimedOut,
            .tunnelTimedOut:
            504
        case .clientGone, .clientStalled: 499
        case .headTimedOut, .clientBodyTimedOut: 408
        case .refused(let error): error.status
        case .methodNotAllowed: 405
        case .cut: 503
        }
    }

    /// One sentence for the body of the answer and for the log.
    var sentence: StaticString {
        switch self {
        case .noBackendAlive: "No backend is alive."
        case .localShortage: "The gateway has no connection left; see --max-connections."
        case .connectFailed: "No backend could be connected to."
        case .connectTimedOut: "The backend did not accept a connection in time; see --connect-timeout."
        case .searchTimedOut: "No backend could be connected to in time; see --connect-total-timeout."
        case .closedBeforeHead: "The backend closed the connection without an answer."
        case .badAnswer: "The backend's answer is malformed."
        case .unexpectedAnswer: "The backend's answer does not fit the request."
        case .responseTimedOut: "The backend did not answer in time; see --response-timeout."
        case .readTimedOut: "The backend stopped in the middle of its answer; see --read-timeout."
        case .truncatedAnswer: "The backend ended its answer early."
        case .requestTimedOut: "The backend did not take the request in time; see --read-timeout."
        case .tunnelTimedOut: "The upgraded connection rested too long; see --tunnel-timeout."
        case .clientGone: "The client went away."
        case .clientStalled: "The client did not take the answer in time; see --client-body-timeout."
        case .headTimedOut: "The request did not arrive in time; see --client-header-timeout."
        case .clientBodyTimedOut: "The request body did not arrive in time; see --client-body-timeout."
        case .refused(let error): error.sentence
        case .methodNotAllowed: "This gateway opens no tunnels."
        case .cut: "The gateway is stopping."
        }
    }

    /// The words for the log, with what exactly was wrong with a backend's answer.
    var words: AccessLogEntry.Failure {
        if case .badAnswer(let error) = self {
            return AccessLogEntry.Failure(sentence, detail: error.sentence)
        }
        return AccessLogEntry.Failure(sentence)
    }

    /// How an exchange ended that ended with it.
    var end: EndReason {
        switch self {
        case .noBackendAlive: .noBackend
        case .localShortage: .shortage
        case .connectFailed: .connectFail
        case .connectTimedOut, .searchTimedOut: .timeoutConnect
        case .closedBeforeHead: .reset
        case .badAnswer, .unexpectedAnswer: .badAnswer
        case .responseTimedOut: .timeoutHeader
        case .readTimedOut: .timeoutRead
        case .truncatedAnswer: .truncated
        case .requestTimedOut: .timeoutSend
        case .tunnelTimedOut: .tunnelIdle
        case .clientGone: .clientAbort
        case .clientStalled, .headTimedOut, .clientBodyTimedOut: .clientTimeout
        case .refused(let error): error.end
        case .methodNotAllowed: .unsupported
        case .cut: .drain
        }
    }

    /// Why the request counts as refused; `nil` when it was not at fault.
    var rejection: RejectReason? {
        switch self {
        case .headTimedOut, .clientBodyTimedOut: .timeout
        case .refused(.bodyTooLarge): .bodyTooLarge
        case .refused(let error):
            switch error.end {
            case .limit: .headTooLarge
            case .unsupported: .unsupported
            default: .malformed
            }
        case .methodNotAllowed: .unsupported
        case .noBackendAlive, .localShortage, .connectFailed, .connectTimedOut, .searchTimedOut,
            .closedBeforeHead,
            .badAnswer, .unexpectedAnswer, .responseTimedOut, .readTimedOut, .requestTimedOut,
            .truncatedAnswer,
            .tunnelTimedOut, .clientGone, .clientStalled, .cut:
            nil
        }
    }

    /// Bytes of the body that tells of it: the sentence and the end of its line.
    var bodyCount: Int { sentence.utf8CodeUnitCount + 1 }

    /// Why an attempt that failed so is followed by another one elsewhere.
    var retryReason: RetryReason {
        switch self {
        case .connectFailed: .connect
        case .connectTimedOut: .connectTimeout
        default: .reset
        }
    }

    /// Whether the client's connection may be kept behind an answer that tells of it: only when nothing was wrong with
    /// the request.
    var allowsAnotherRequest: Bool {
        switch self {
        case .refused, .methodNotAllowed, .headTimedOut, .clientBodyTimedOut, .clientGone, .clientStalled,
            .cut:
            false
        case .noBackendAlive, .localShortage, .connectFailed, .connectTimedOut, .searchTimedOut,
            .closedBeforeHead,
            .badAnswer, .unexpectedAnswer, .responseTimedOut, .readTimedOut, .requestTimedOut,
            .truncatedAnswer,
            .tunnelTimedOut:
            true
        }
    }
}

extension MessageError {
    /// How an exchange ended whose request was refused for it, told by the status of the refusal.
    fileprivate var end: EndReason {
        switch status {
        case 413, 414, 431: .limit
        case 501, 505: .unsupported
        default: .badRequest
        }
    }
}
