import ArgumentParser
import Configuration

// Every option is text as far as the parser is concerned: it would stop at the first value it cannot read,
// while `ConfigurationBuilder` reports all of them.

/// The flags all commands share.
struct SettingOptions: ParsableArguments {
    @OptionGroup(title: SettingGroup.addresses.rawValue) var listeners: ListenOptions
    @OptionGroup(title: SettingGroup.health.rawValue) var health: HealthOptions
    @OptionGroup(title: SettingGroup.timeouts.rawValue) var timeouts: TimeoutOptions
    @OptionGroup(title: SettingGroup.limits.rawValue) var limits: LimitOptions
    @OptionGroup(title: SettingGroup.logging.rawValue) var logging: LoggingOptions
    @OptionGroup(title: SettingGroup.administration.rawValue) var administration: AdministrationOptions

    @Option(
        name: .customLong(String(ConfigurationFile.flag.dropFirst(2))),
        help: .init(
            "\(ConfigurationFile.help) (\(ConfigurationFile.environmentName))",
            valueName: ConfigurationFile.placeholder.lowercased()
        )
    )
    var config: String?
}

struct CheckOption: ParsableArguments {
    @Flag(help: "Validate the settings, print the effective ones as a file for --config and exit.")
    var check = false
}

struct ListenOptions: ParsableArguments {
    @Option(.listen) var listen: [String] = []
    @Option(.reusePort) var reusePort: String?
}

struct BackendOptions: ParsableArguments {
    @Option(.backend) var backend: [String] = []
}

struct HealthOptions: ParsableArguments {
    @Option(.healthPath) var path: String?
    @Option(.healthMethod) var method: String?
    @Option(.healthInterval) var interval: String?
    @Option(.healthTimeout) var timeout: String?
    @Option(.healthRise) var rise: String?
    @Option(.healthFall) var fall: String?
    @Option(.healthStatus) var status: String?
}

struct TimeoutOptions: ParsableArguments {
    @Option(.connectTimeout) var connect: String?
    @Option(.connectTotalTimeout) var connectTotal: String?
    @Option(.responseTimeout) var response: String?
    @Option(.readTimeout) var read: String?
    @Option(.clientHeaderTimeout) var clientHeader: String?
    @Option(.clientBodyTimeout) var clientBody: String?
    @Option(.clientIdleTimeout) var clientIdle: String?
    @Option(.tunnelTimeout) var tunnel: String?
    @Option(.drainDelay) var drainDelay: String?
    @Option(.drainTimeout) var drain: String?
}

struct LimitOptions: ParsableArguments {
    @Option(.maxHeaderSize) var maxHeaderSize: String?
    @Option(.maxHeaders) var maxHeaders: String?
    @Option(.maxBody) var maxBody: String?
    @Option(.maxConnections) var maxConnections: String?
    @Option(.workers) var workers: String?
}

struct LoggingOptions: ParsableArguments {
    @Option(.accessLog) var accessLog: String?
    @Option(.logFormat) var logFormat: String?
    @Option(.logLevel) var logLevel: String?
}

struct AdministrationOptions: ParsableArguments {
    @Option(.admin) var admin: String?
    @Option(.adminToken) var token: String?
    @Option(.adminHost) var host: [String] = []
    @Option(.adminOpen) var open: String?
}

extension SettingOptions {
    /// What was given for each setting, with `backends` from the command that takes them.
    func texts(_ backends: BackendOptions?) -> [Setting: [String]] {
        var texts: [Setting: [String]] = [:]
        for setting in Setting.allCases {
            texts[setting] = self.texts(for: setting, backends)
        }
        return texts
    }

    private func texts(for setting: Setting, _ backends: BackendOptions?) -> [String] {
        func one(_ text: String?) -> [String] { text.map { [$0] } ?? [] }
        return switch setting {
        case .listen: listeners.listen
        case .backend: backends?.backend ?? []
        case .reusePort: one(listeners.reusePort)
        case .healthPath: one(health.path)
        case .healthMethod: one(health.method)
        case .healthInterval: one(health.interval)
        case .healthTimeout: one(health.timeout)
        case .healthRise: one(health.rise)
        case .healthFall: one(health.fall)
        case .healthStatus: one(health.status)
        case .connectTimeout: one(timeouts.connect)
        case .connectTotalTimeout: one(timeouts.connectTotal)
        case .responseTimeout: one(timeouts.response)
        case .readTimeout: one(timeouts.read)
        case .clientHeaderTimeout: one(timeouts.clientHeader)
        case .clientBodyTimeout: one(timeouts.clientBody)
        case .clientIdleTimeout: one(timeouts.clientIdle)
        case .tunnelTimeout: one(timeouts.tunnel)
        case .drainDelay: one(timeouts.drainDelay)
        case .drainTimeout: one(timeouts.drain)
        case .maxHeaderSize: one(limits.maxHeaderSize)
        case .maxHeaders: one(limits.maxHeaders)
        case .maxBody: one(limits.maxBody)
        case .maxConnections: one(limits.maxConnections)
        case .workers: one(limits.workers)
        case .accessLog: one(logging.accessLog)
        case .logFormat: one(logging.logFormat)
        case .logLevel: one(logging.logLevel)
        case .admin: one(administration.admin)
        case .adminToken: one(administration.token)
        case .adminHost: administration.host
        case .adminOpen: one(administration.open)
        }
    }
}

extension Option where Value == String? {
    fileprivate init(_ setting: Setting) {
        self.init(name: .customLong(setting.name), help: .init(setting))
    }
}

extension Option where Value == [String] {
    fileprivate init(wrappedValue: [String], _ setting: Setting) {
        self.init(wrappedValue: wrappedValue, name: .customLong(setting.name), help: .init(setting))
    }
}

extension ArgumentHelp {
    /// Made once: the parser creates every option dozens of times per run.
    private static let texts = Dictionary(
        uniqueKeysWithValues: Setting.allCases.map {
            ($0, (help: $0.helpText, value: $0.placeholder.lowercased()))
        }
    )

    fileprivate init(_ setting: Setting) {
        let text = Self.texts[setting]
        self.init(stringLiteral: text?.help ?? "")
        valueName = text?.value
    }
}
