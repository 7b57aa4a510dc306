/// Everything one instance needs to know before it starts, already validated.
public struct ServerConfiguration: Sendable, Equatable {
    /// The addresses to accept clients on, in the order given; never empty.
    public var listeners: [ListenAddress]
    /// The backends in the order given, which is the order the hash counts in.
    public var backends: [BackendAddress]
    /// How backends are probed.
    public var health: HealthConfiguration
    /// How long each phase may take.
    public var timeouts: TimeoutConfiguration
    /// How large things may become.
    public var limits: LimitConfiguration
    /// Threads that serve clients, each with its own event loop; `nil` is one for each processor available.
    public var workers: Int?
    /// Where access-log lines go.
    public var accessLog: AccessLogDestination
    /// How an access-log line is written.
    public var logFormat: LogFormat

    /// The defaults, in front of the given backends.
    public init(backends: [BackendAddress]) {
        listeners = [ListenAddress(host: nil, port: 8000)]
        self.backends = backends
        health = HealthConfiguration()
        timeouts = TimeoutConfiguration()
        limits = LimitConfiguration()
        accessLog = .standardOutput
        logFormat = .inspect
    }
}

/// Where access-log lines go.
public enum AccessLogDestination: Sendable, Equatable {
    /// Standard output, the default.
    case standardOutput
    /// Nowhere: no line is even formatted.
    case off
    /// Appended to the file at this path.
    case file(String)
}

/// How an access-log line is written.
public enum LogFormat: String, Sendable, CaseIterable {
    /// `[INSPECT] Method: … | Path: … | User-Agent: … | Client: …`
    case inspect
}
