/// Everything an operator may see of a running server, at one moment: what the metrics and the status page are made of.
public struct ServerSnapshot: Sendable {
    /// The version of Swerve.
    public var version = ""
    /// Seconds since 1970, now.
    public var now = 0.0
    /// Seconds since 1970 at which the process started.
    public var started = 0.0
    /// What the run is doing.
    public var phase = Phase.running
    /// Why no client should be sent here, in a sentence; `nil` when the server is ready.
    public var notReady: String?
    /// Threads that serve clients.
    public var workers = 0
    /// Where clients are accepted, as URLs.
    public var listeners: [String] = []
    /// The backends in the order the hash counts in; those taken out by a reload that still have work come last.
    public var backends: [BackendSnapshot] = []
    /// What the clients' side counts, over all workers.
    public var clients = ClientTotals()
    /// Clients that may be served at a time.
    public var maxClients = 0
    /// How the configuration was reloaded.
    public var reloads = ReloadTotals()
    /// Access-log lines that were dropped instead of waited for.
    public var droppedLogLines: UInt64 = 0
    /// What the system refused, by kind.
    public var faults: [(kind: String, count: UInt64)] = []
    /// The process as the system sees it.
    public var process = ProcessTotals()

    /// An empty snapshot.
    public init() {}

    /// What a run is doing.
    public enum Phase: String, Sendable {
        /// Listening, not accepting yet.
        case starting
        /// Serving.
        case running
        /// A stop was asked for, clients are still accepted.
        case leaving
        /// No new clients; what is in flight finishes.
        case draining
    }
}

/// One backend at one moment.
public struct BackendSnapshot: Sendable {
    /// The address as configured, `host:port`.
    public var name = ""
    /// Where it stands in the order the hash counts in; `nil` when a reload has taken it out.
    public var position: Int?
    /// Whether it gets traffic, and why not.
    public var state = State.up
    /// Why it is in this state, in words; empty when there is nothing to say.
    public var reason = ""
    /// Seconds since it is in this state.
    public var age = 0.0
    /// Seconds until the next probe; `nil` when none is planned.
    public var nextProbe: Double?
    /// The address its name stands for, when it was given by name.
    public var resolved: String?
    /// What the watch over it counts.
    public var health = HealthTotals()
    /// What its traffic counts, over all workers.
    public var traffic = BackendTotals()

    /// A backend nothing is known of.
    public init() {}

    /// What a backend is to the balancer.
    public enum State: String, Sendable, CaseIterable {
        /// It gets traffic.
        case up
        /// It gets traffic, and no probe has vouched for it yet.
        case trial
        /// It failed too often in a row.
        case down
        /// Its name has no address.
        case dns
        /// An operator lets it finish and sends it nothing new.
        case drain
        /// An operator took it out altogether.
        case maintenance

        /// Whether it gets new requests.
        public var isAlive: Bool { self == .up || self == .trial }
    }
}

/// What the watch over one backend counts.
public struct HealthTotals: Sendable {
    /// Good probes.
    public var good: UInt64 = 0
    /// Probes that failed.
    public var bad: UInt64 = 0
    /// How long probes took, from connect to the head of the answer or the failure.
    public var duration = HistogramTotals(.probe)
    /// Changes of state, by the state that began and the reason from a closed list.
    public var transitions: [Transition: UInt64] = [:]

    /// Nothing counted yet.
    public init() {}

    /// Why a state began.
    public enum Reason: String, Sendable {
        /// Probes, or that nothing is probed any more.
        case probe
        /// Failures of requests.
        case traffic
        /// The name got an address or has none.
        case dns
        /// The operator.
        case `operator`
    }

    /// One kind of change.
    public struct Transition: Sendable, Hashable {
        /// The state that began.
        public var to: BackendSnapshot.State
        /// Why it began.
        public var reason: Reason

        /// A kind of change from its parts.
        public init(to: BackendSnapshot.State, reason: Reason) {
            self.to = to
            self.reason = reason
        }
    }
}

/// How often the configuration was read again.
public struct ReloadTotals: Sendable {
    /// Reloads that took effect.
    public var succeeded: UInt64 = 0
    /// Reloads that were refused and changed nothing.
    public var failed: UInt64 = 0
    /// Seconds since 1970 of the last one that took effect, or of the start.
    public var lastSuccess = 0.0
    /// Why the last one was refused; `nil` when it took effect.
    public var lastError: String?

    /// Nothing counted yet.
    public init() {}
}

/// The process as the system sees it.
public struct ProcessTotals: Sendable {
    /// User and system time in seconds.
    public var cpuSeconds = 0.0
    /// Resident memory in bytes.
    public var residentBytes: UInt64 = 0
    /// Virtual memory in bytes.
    public var virtualBytes: UInt64 = 0
    /// Descriptors open.
    public var openDescriptors: UInt64 = 0
    /// Descriptors that may be open.
    public var maxDescriptors: UInt64 = 0

    /// Nothing known yet.
    public init() {}
}
