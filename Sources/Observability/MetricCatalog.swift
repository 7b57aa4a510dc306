/// Every metric there is, in the order they are written in.
///
/// A label's values come from closed lists or from the configuration, never from a client. `state` is the label of a
/// gauge in both formats: a state set of OpenMetrics would have to name it like the metric, and the same series would
/// then have two names.
public enum MetricCatalog {
    /// Every metric.
    public static let all: [Metric] = server + clients + requests + upstream + health

    static let server = [
        build, ready, workers, reloads, lastReload, droppedLogLines, faults, processCPU, processStart,
        processResident, processVirtual, processDescriptors, processDescriptorLimit,
    ]
    static let clients = [
        clientConnections, clientConnectionLimit, clientConnectionsAccepted, ends, rejected, noBackend,
        received,
        sent,
    ]
    static let requests = [answers, duration, header, inFlight, tunnels, retries, spilled]
    static let upstream = [connect, connections, opened, reused]
    static let health = [backendUp, backendState, transitions, probes, probeDuration]

    // MARK: The server

    static let build = Metric("swerve_build", .info, by: ["version"], "The version that runs.")
    static let ready = Metric(
        "swerve_ready",
        .gauge,
        "1 while clients should be sent here, as /readyz says."
    )
    static let workers = Metric("swerve_workers", .gauge, "Threads that serve clients.")
    static let reloads = Metric(
        "swerve_config_reloads",
        .counter,
        by: ["result"],
        "Configurations read again: success took effect, failure changed nothing."
    )
    static let lastReload = Metric(
        "swerve_config_last_reload_success_timestamp_seconds",
        .gauge,
        in: .seconds,
        "When the configuration in force was read, in Unix time."
    )
    static let droppedLogLines = Metric(
        "swerve_access_log_dropped_lines",
        .counter,
        "Access-log lines dropped because their reader was too slow."
    )
    static let faults = Metric(
        "swerve_system_faults",
        .counter,
        by: ["kind"],
        "What the system refused, such as a descriptor."
    )
    static let processCPU = Metric(
        "process_cpu_seconds",
        .counter,
        in: .seconds,
        "Processor time used, user and system."
    )
    static let processStart = Metric(
        "process_start_time_seconds",
        .gauge,
        in: .seconds,
        "When the process started, in Unix time."
    )
    static let processResident = Metric(
        "process_resident_memory_bytes",
        .gauge,
        in: .bytes,
        "Memory that is resident."
    )
    static let processVirtual = Metric(
        "process_virtual_memory_bytes",
        .gauge,
        in: .bytes,
        "Memory that is mapped."
    )
    static let processDescriptors = Metric("process_open_fds", .gauge, "Open descriptors.")
    static let processDescriptorLimit = Metric("process_max_fds", .gauge, "Descriptors that may be open.")

    // MARK: Clients

    static let clientConnections = Metric("swerve_client_connections", .gauge, "Clients connected.")
    static let clientConnectionLimit = Metric(
        "swerve_client_connections_limit",
        .gauge,
        "Clients that may be connected at a time."
    )
    static let clientConnectionsAccepted = Metric(
        "swerve_client_connections_accepted",
        .counter,
        "Connections accepted from clients."
    )
    static let ends = Metric(
        "swerve_exchanges",
        .counter,
        by: ["end"],
        "Requests by how they ended, in the words of the access log."
    )
    static let rejected = Metric(
        "swerve_client_requests_rejected",
        .counter,
        by: ["reason"],
        "Requests that were refused."
    )
    static let noBackend = Metric(
        "swerve_no_backend",
        .counter,
        by: ["reason"],
        "Requests that found no backend."
    )
    static let received = Metric(
        "swerve_received_bytes",
        .counter,
        in: .bytes,
        by: ["side", "backend"],
        "Bytes received; only the backends' side has the label backend."
    )
    static let sent = Metric(
        "swerve_sent_bytes",
        .counter,
        in: .bytes,
        by: ["side", "backend"],
        "Bytes sent; only the backends' side has the label backend."
    )

    // MARK: Requests

    static let answers = Metric(
        "swerve_requests",
        .counter,
        by: ["backend", "code", "method"],
        "Requests a backend was responsible for, by the class of the status that was answered."
    )
    static let duration = Metric(
        "swerve_request_duration_seconds",
        .histogram,
        in: .seconds,
        by: ["backend"],
        "From the first byte of a request to the last of its answer."
    )
    static let header = Metric(
        "swerve_upstream_response_header_duration_seconds",
        .histogram,
        in: .seconds,
        by: ["backend"],
        "From the connection being there for a request to the head of the answer."
    )
    static let inFlight = Metric(
        "swerve_requests_in_flight",
        .gauge,
        by: ["backend"],
        "Requests a backend is at work on, tunnels included."
    )
    static let tunnels = Metric("swerve_tunnels", .gauge, by: ["backend"], "Upgraded connections.")
    static let retries = Metric(
        "swerve_retries",
        .counter,
        by: ["backend", "reason"],
        "Requests tried again after they failed at this backend."
    )
    static let spilled = Metric(
        "swerve_hash_spill",
        .counter,
        by: ["backend"],
        "Requests a backend got though the client's own backend is another one."
    )

    // MARK: Connections to backends

    static let connect = Metric(
        "swerve_upstream_connect_duration_seconds",
        .histogram,
        in: .seconds,
        by: ["backend"],
        "How long it took to connect."
    )
    static let connections = Metric(
        "swerve_upstream_connections",
        .gauge,
        by: ["backend", "state"],
        "Connections to a backend, active or idle."
    )
    static let opened = Metric(
        "swerve_upstream_connections_opened",
        .counter,
        by: ["backend"],
        "Connections made to a backend."
    )
    static let reused = Metric(
        "swerve_upstream_connections_reused",
        .counter,
        by: ["backend"],
        "Requests that used a connection again."
    )

    // MARK: Health

    static let backendUp = Metric(
        "swerve_backend_up",
        .gauge,
        by: ["backend"],
        "1 while a backend gets new requests."
    )
    static let backendState = Metric(
        "swerve_backend_state",
        .gauge,
        by: ["backend", "state"],
        "1 for the state a backend is in, 0 for the others."
    )
    static let transitions = Metric(
        "swerve_backend_transitions",
        .counter,
        by: ["backend", "to", "reason"],
        "Changes of a backend's state."
    )
    static let probes = Metric(
        "swerve_health_checks",
        .counter,
        by: ["backend", "result"],
        "Probes of a backend."
    )
    static let probeDuration = Metric(
        "swerve_health_check_duration_seconds",
        .histogram,
        in: .seconds,
        by: ["backend"],
        "From a probe's connect to the head of its answer, or its failure."
    )
}
