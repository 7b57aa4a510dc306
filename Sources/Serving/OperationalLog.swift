internal import Events
internal import Logging

/// Where operational messages go: one line each on standard error, never waiting for its reader.
///
/// Lines carry no time: whoever collects them (journald, a container's log driver) stamps them.
struct OperationalLogHandler: LogHandler {
    private let sink: OutputSink
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    init(_ sink: OutputSink) {
        self.sink = sink
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let prefix =
            switch event.level {
            case .trace, .debug, .info, .notice: ""
            case .warning: "warning: "
            case .error, .critical: "error: "
            }
        let line = Array("swerve: \(prefix)\(event.message)\n".utf8)
        _ = sink.write(line.span)
    }
}

extension Logger {
    /// The logger of a running server.
    static func operational() -> Logger {
        let sink = OutputSink.standardError()
        return Logger(label: "swerve") { _ in OperationalLogHandler(sink) }
    }
}

/// Lets a message that could repeat without end through once in a while.
struct RateLimit {
    private let interval: UInt64
    private var last: LoopTime?

    /// Lets one message through in each `interval`.
    init(_ interval: Duration) {
        self.interval = interval.nanoseconds
    }

    /// Whether a message may pass now.
    mutating func passes(at now: LoopTime) -> Bool {
        if let last, now.nanoseconds(since: last) < interval { return false }
        last = now
        return true
    }
}
