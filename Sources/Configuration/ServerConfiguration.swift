/// Everything one instance needs to know before it starts, already validated.
public struct ServerConfiguration: Sendable, Equatable {
    /// The addresses to accept clients on, in the order given; never empty.
    public var listeners: [ListenAddress]
    /// The backends in the order given, which is the order the hash counts in.
    public var backends: [BackendAddress]
    /// Whether other processes of this user may listen on the same ports; off by default.
    public var sharesPorts = false
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
    /// The least serious operational message that is written.
    public var logLevel = LogLevel.info
    /// Where an operator looks inside.
    public var admin = AdminConfiguration()

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
