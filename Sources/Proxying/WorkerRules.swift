internal import Configuration
internal import HTTPMessages
internal import Observability

/// What a worker takes from the configuration, in its own terms, made once for each configuration.
struct WorkerRules {
    /// The limits of time that streams are given.
    let timeouts: WorkerTimeouts
    /// The limits of a head, of requests and of answers.
    let headLimits: HeadLimits
    /// Bytes of a request body, or 0 for no limit.
    let maxBody: Int
    /// Seconds until a backend that is down is looked at again.
    let retryAfter: Int
    /// Whether exchanges leave a line.
    let writesAccessLog: Bool
    /// How that line is written.
    let logFormat: AccessLog.Format

    init(_ configuration: ServerConfiguration) {
        timeouts = WorkerTimeouts(configuration.timeouts)
        headLimits = HeadLimits(
            maxSize: configuration.limits.maxHeaderSize,
            maxFields: configuration.limits.maxHeaders
        )
        maxBody = configuration.limits.maxBody
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
