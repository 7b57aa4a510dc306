internal import Configuration
internal import Events
internal import HTTPMessages
internal import Observability

/// What a worker takes from the configuration, in its own terms, made once for each configuration.
///
/// A limit of time that is zero is off.
struct ProxyRules {
    /// How long a connect may take.
    let connect: LoopInterval
    /// How long all connects of one request may take together.
    let connectTotal: LoopInterval
    /// From the request sent to the head of the answer.
    let response: LoopInterval
    /// After how long without an answer to anybody a backend is suspected; zero when it is not probed.
    let patience: LoopInterval
    /// Between two pieces of an answer.
    let read: LoopInterval
    /// From the first byte of a request to the end of its head.
    let clientHeader: LoopInterval
    /// Between two pieces of a request's body, and between two writes to a client that does not read.
    let clientBody: LoopInterval
    /// Between two requests of a client.
    let clientIdle: LoopInterval
    /// How long a tunnel may rest.
    let tunnel: LoopInterval
    /// The limits of a head, of requests and of answers.
    let headLimits: HeadLimits
    /// Bytes of a request body, or 0 for no limit.
    let maxBody: Int
    /// Seconds until a backend that is down is looked at again.
    let retryAfter: Int
    /// Backends are probed, so that what is down comes back by itself.
    let probes: Bool
    /// Whether exchanges leave a line.
    let writesAccessLog: Bool
    /// How that line is written.
    let logFormat: AccessLog.Format

    init(_ configuration: ServerConfiguration) {
        let timeouts = configuration.timeouts
        connect = LoopInterval(timeouts.connect)
        // One connect always has its time.
        connectTotal =
            timeouts.connectTotal == .zero
            ? .zero : LoopInterval(max(timeouts.connectTotal, timeouts.connect))
        response = LoopInterval(timeouts.response)
        read = LoopInterval(timeouts.read)
        clientHeader = LoopInterval(timeouts.clientHeader)
        clientBody = LoopInterval(timeouts.clientBody)
        clientIdle = LoopInterval(timeouts.clientIdle)
        tunnel = LoopInterval(timeouts.tunnel)
        headLimits = HeadLimits(
            maxSize: configuration.limits.maxHeaderSize,
            maxFields: configuration.limits.maxHeaders
        )
        maxBody = configuration.limits.maxBody
        probes = configuration.health.isProbing
        patience = configuration.health.isProbing ? LoopInterval(configuration.health.timeout) : .zero
        retryAfter = max(1, Int(min(configuration.health.interval, .seconds(5)).components.seconds))
        writesAccessLog = configuration.accessLog != .off
        logFormat =
            switch configuration.logFormat {
            case .inspect: .inspect
            case .combined: .combined
            case .json: .json
            }
    }
}
