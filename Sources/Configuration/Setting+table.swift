extension Setting {
    /// The heading the setting is listed under.
    public var group: SettingGroup {
        switch self {
        case .listen, .backend, .reusePort: .addresses
        case .healthPath, .healthMethod, .healthInterval, .healthTimeout, .healthRise, .healthFall,
            .healthStatus:
            .health
        case .connectTimeout, .connectTotalTimeout, .responseTimeout, .readTimeout, .clientHeaderTimeout,
            .clientBodyTimeout,
            .clientIdleTimeout, .tunnelTimeout, .drainDelay, .drainTimeout:
            .timeouts
        case .maxHeaderSize, .maxHeaders, .maxBody, .maxConnections, .workers: .limits
        case .accessLog, .logFormat, .logLevel: .logging
        case .admin, .adminToken, .adminHost, .adminOpen: .administration
        }
    }

    /// The table.
    ///
    /// Defaults are missing on purpose: the value types state them, and the help prints those.
    var row: SettingRow {
        switch self {
        case .listen:
            .list(
                "ADDRESS",
                \.listeners,
                example: "127.0.0.1:9000",
                help: "Accept clients on this address; a missing host means every address of both families.",
                // Port 0 is another port every time, so two of them are two listeners.
                mayRepeat: { $0.port == 0 },
                parse: ListenAddress.init(configurationText:)
            )
        case .backend:
            .list(
                "ADDRESS",
                \.backends,
                example: "10.0.0.7:8080",
                help: "Send requests to this backend, written as host:port or http://host:port.",
                parse: BackendAddress.init(configurationText:)
            )
        case .reusePort:
            .choice(
                \.sharesPorts,
                [(false, "off"), (true, "on")],
                help:
                    "Share the ports with other processes of this user, so that one can take over from another."
            )
        case .healthPath:
            .value(
                "PATH",
                \.health.path,
                example: "/healthz",
                help: "Ask for this path in a probe.",
                print: \.self,
                parse: ProbeText.path
            )
        case .healthMethod:
            .value(
                "METHOD",
                \.health.method,
                example: "GET",
                help:
                    "Probe with this method; a backend that answers HEAD with 405 or 501 is asked with GET.",
                print: \.self,
                parse: ProbeText.method
            )
        case .healthInterval:
            .duration(
                \.health.interval,
                .milliseconds(100) ... .seconds(3_600),
                zero: "to turn probes off",
                example: "5s",
                help: "Wait this long between two probes of one backend."
            )
        case .healthTimeout:
            .duration(
                \.health.timeout,
                .milliseconds(1) ... .seconds(300),
                example: "500ms",
                help: "Count a probe as failed when its answer takes longer than this."
            )
        case .healthRise:
            .count(
                \.health.rise,
                1...100,
                example: "1",
                help: "Bring a backend back after this many good probes in a row."
            )
        case .healthFall:
            .count(
                \.health.fall,
                1...100,
                example: "5",
                help: "Take a backend out after this many failures in a row."
            )
        case .healthStatus:
            .value(
                "STATUS",
                \.health.expectedStatus,
                example: "200,204,301-302",
                help: "Count these statuses of a probe as good, written as codes and ranges.",
                print: \.description,
                parse: StatusRanges.init(configurationText:)
            )
        case .connectTimeout:
            .duration(
                \.timeouts.connect,
                .milliseconds(1) ... .seconds(300),
                example: "500ms",
                help: "Give up on a connect to a backend after this long."
            )
        case .connectTotalTimeout:
            .duration(
                \.timeouts.connectTotal,
                .upToOneDay,
                zero: "to set no limit",
                example: "3s",
                help:
                    "Let all connects of one request together take this long, and at least as long as one."
            )
        case .responseTimeout:
            .duration(
                \.timeouts.response,
                .upToOneDay,
                zero: "to wait without limit",
                example: "30s",
                help: "Wait this long for the head of a backend's answer once the request is sent."
            )
        case .readTimeout:
            .duration(
                \.timeouts.read,
                .upToOneDay,
                zero: "to wait without limit",
                example: "30s",
                help: "Wait this long between two reads of the body of a backend's answer."
            )
        case .clientHeaderTimeout:
            .duration(
                \.timeouts.clientHeader,
                .upToOneDay,
                zero: "to wait without limit",
                example: "5s",
                help: "Let a client take this long, in total, to send the head of a request."
            )
        case .clientBodyTimeout:
            .duration(
                \.timeouts.clientBody,
                .upToOneDay,
                zero: "to wait without limit",
                example: "10s",
                help: "Wait this long for a client to send more of a body, or to take more of an answer."
            )
        case .clientIdleTimeout:
            .duration(
                \.timeouts.clientIdle,
                .upToOneDay,
                zero: "to wait without limit",
                example: "15s",
                help: "Let a client's connection rest this long between two requests."
            )
        case .tunnelTimeout:
            .duration(
                \.timeouts.tunnel,
                .milliseconds(1) ... .seconds(604_800),
                zero: "to wait without limit",
                example: "10m",
                help: "Let an upgraded connection, such as a WebSocket, rest this long."
            )
        case .drainDelay:
            .duration(
                \.timeouts.drainDelay,
                .milliseconds(1) ... .seconds(3_600),
                zero: "to close the listeners at once",
                example: "5s",
                help:
                    "Go on accepting for this long after a stop was asked for, while readiness already fails."
            )
        case .drainTimeout:
            .duration(
                \.timeouts.drain,
                .milliseconds(1) ... .seconds(3_600),
                zero: "to cut them at once",
                example: "5s",
                help: "Let requests in flight finish for this long after a stop was asked for."
            )
        case .maxHeaderSize:
            .bytes(
                \.limits.maxHeaderSize,
                1_024...1_048_576,
                example: "16k",
                help: "Refuse a head that is larger than this, start line included."
            )
        case .maxHeaders:
            .count(
                \.limits.maxHeaders,
                1...1_000,
                example: "50",
                help: "Refuse a head with more header fields than this."
            )
        case .maxBody:
            .bytes(
                \.limits.maxBody,
                1...(1 << 40),
                zero: "for no limit",
                example: "10m",
                help: "Refuse a request whose body is larger than this."
            )
        case .maxConnections:
            .automatic(
                \.limits.maxConnections,
                1...1_000_000,
                example: "10000",
                help:
                    "Serve at most this many clients at a time; auto derives it from the limit of open files."
            )
        case .workers:
            .automatic(
                \.workers,
                1...256,
                example: "4",
                help:
                    "Serve clients on this many threads; auto is one for each processor the process may use."
            )
        case .accessLog:
            .value(
                "PATH",
                \.accessLog,
                example: "/var/log/swerve/access.log",
                help: "Append the access log to this file; - is standard output, off writes none.",
                print: \.description,
                parse: AccessLogDestination.init(configurationText:)
            )
        case .logFormat:
            .value(
                "FORMAT",
                \.logFormat,
                example: "json",
                help:
                    "Write the access log as inspect, combined or json; with json the messages on standard error too.",
                print: \.description,
                parse: LogFormat.init(configurationText:)
            )
        case .logLevel:
            .choice(
                \.logLevel,
                LogLevel.allCases.map { ($0, $0.rawValue) },
                help: "Say this and what is more serious on standard error: debug, info, warning or error."
            )
        case .admin:
            .value(
                "ADDRESS",
                \.admin.listener,
                example: "127.0.0.1:8001",
                help:
                    "Answer /healthz, /readyz, /metrics, /status.json and a status page on this address, or off.",
                print: { $0?.description ?? "off" }
            ) { (text) throws(ValueProblem) in
                text == "off" ? nil : try ListenAddress(configurationText: text)
            }
        case .adminToken:
            .value(
                "TOKEN",
                \.admin.token,
                example: "correct-horse-battery",
                help:
                    "Ask for this bearer token before anything is changed, or read where the listener is not on the loopback; a flag shows in process lists, so rather use the variable or the file.",
                print: { $0 ?? "none" }
            ) { (text) throws(ValueProblem) in
                text == "none" ? nil : try AdminConfiguration.token(text)
            }
        case .adminHost:
            .list(
                "NAME",
                \.admin.hosts,
                example: "swerve.internal",
                help: "Let the admin listener be asked under this name, besides IP addresses and localhost.",
                wordForEmpty: "none",
                parse: AdminConfiguration.host
            )
        case .adminOpen:
            .choice(
                \.admin.isOpen,
                [(false, "off"), (true, "on")],
                help: "Let everybody who reaches the admin listener read there without the token."
            )
        }
    }
}

extension SettingRow {
    /// One of a few words.
    fileprivate static func choice<Value: Equatable>(
        _ path: any WritableKeyPath<ServerConfiguration, Value> & Sendable,
        _ choices: [(value: Value, word: String)],
        help: String
    ) -> SettingRow {
        let words = choices.map(\.word)
        var row = value(
            "WORD",
            path,
            example: words[words.count - 1],
            help: help,
            print: { value in choices.first { $0.value == value }?.word ?? "" }
        ) { (text) throws(ValueProblem) in
            guard let choice = choices.first(where: { $0.word == text }) else {
                throw .malformed(
                    "write \(words.dropLast().joined(separator: ", ")) or \(words[words.count - 1])"
                )
            }
            return choice.value
        }
        row.isSwitch = words == ["off", "on"]
        return row
    }

    /// A number with a word for its default, which depends on the machine.
    fileprivate static func automatic(
        _ path: any WritableKeyPath<ServerConfiguration, Int?> & Sendable,
        _ limits: ClosedRange<Int>,
        example: String,
        help: String
    ) -> SettingRow {
        let bounds = Bounds(limits: limits, word: "auto", print: { String($0) })
        return value(
            "NUMBER",
            path,
            example: example,
            help: help,
            bounds: bounds.description,
            print: { $0.map { String($0) } ?? "auto" }
        ) { (text) throws(ValueProblem) in
            text == "auto" ? nil : try bounds.count(text)
        }
    }
}

extension ClosedRange<Duration> {
    fileprivate static var upToOneDay: Self { .milliseconds(1) ... .seconds(86_400) }
}
