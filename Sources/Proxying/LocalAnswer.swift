internal import HTTPMessages

/// What the gateway itself has to say to a request that no backend is asked about.
enum LocalAnswer {
    /// It is refused.
    case refusal(GatewayFailure)
    /// It ends here (RFC 9110 §7.6.2) and is answered with what came.
    case trace
    /// It ends here and is answered with the methods.
    case options

    /// Looks at a request; `nil` when a backend is to be asked.
    ///
    /// - Parameters:
    ///   - request: the head.
    ///   - maxBody: the most bytes its body may have; 0 is no limit.
    init?(to request: RequestHead, maxBody: Int) {
        if request.kind == .connect {
            self = .refusal(.methodNotAllowed)
            return
        }
        if case .length(let count) = request.framing, maxBody > 0, count > maxBody {
            self = .refusal(.refused(.bodyTooLarge))
            return
        }
        let isTrace = request.kind == .idempotent && request.method.count == 5
        if isTrace, request.framing != .none {
            // A client must not send content in a TRACE request (RFC 9110 §9.3.8).
            self = .refusal(.refused(.conflictingFraming))
            return
        }
        guard request.maxForwards == 0 else { return nil }
        self = isTrace ? .trace : .options
    }
}
