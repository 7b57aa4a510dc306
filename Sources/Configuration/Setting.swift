/// A thing an operator can set, as a flag, as an environment variable or in a file.
///
/// This list and the table in `Setting+table.swift` are all there is: the flag parser, the environment, the
/// configuration file, the help, `--check` and the table in the manual are made from them. A new case makes the compiler ask for its
/// row and for its flag. The order is the order of the help and of error messages.
public enum Setting: String, Sendable, CaseIterable {
    case listen
    case backend
    case reusePort = "reuse-port"
    case healthPath = "health-path"
    case healthMethod = "health-method"
    case healthInterval = "health-interval"
    case healthTimeout = "health-timeout"
    case healthRise = "health-rise"
    case healthFall = "health-fall"
    case healthStatus = "health-status"
    case connectTimeout = "connect-timeout"
    case connectTotalTimeout = "connect-total-timeout"
    case responseTimeout = "response-timeout"
    case readTimeout = "read-timeout"
    case clientHeaderTimeout = "client-header-timeout"
    case clientBodyTimeout = "client-body-timeout"
    case clientIdleTimeout = "client-idle-timeout"
    case tunnelTimeout = "tunnel-timeout"
    case drainDelay = "drain-delay"
    case drainTimeout = "drain-timeout"
    case maxHeaderSize = "max-header-size"
    case maxHeaders = "max-headers"
    case maxBody = "max-body"
    case maxConnections = "max-connections"
    case workers
    case accessLog = "access-log"
    case logFormat = "log-format"
    case logLevel = "log-level"
    case admin
    case adminToken = "admin-token"
    case adminHost = "admin-host"
    case adminOpen = "admin-open"

    /// The name without dashes in front, as `--check` prints it: `health-path`.
    public var name: String { rawValue }

    /// The name as a flag: `--health-path`.
    public var flag: String { "--" + rawValue }

    /// The name as an environment variable: `SWERVE_HEALTH_PATH`.
    public var environmentName: String {
        Self.environmentPrefix + rawValue.uppercased().split(separator: "-").joined(separator: "_")
    }

    /// What the name of every environment variable of Swerve begins with.
    public static let environmentPrefix = "SWERVE_"

    /// What stands for the value in the help: `DURATION`.
    public var placeholder: String { row.placeholder }

    /// What the setting does, in one sentence.
    public var help: String { row.help }

    /// The values that are taken, as the end of "takes …"; `nil` where the form alone decides.
    public var bounds: String? { row.bounds }

    /// A value which works, and which is not the default unless only one value exists.
    public var example: String { row.example }

    /// Whether the flag may be given more than once, and the variable holds a list separated by commas.
    public var isRepeatable: Bool { row.isRepeatable }

    /// The value without any flag or variable; `nil` where the operator has to give one.
    public var defaultText: String? {
        let text = text(in: ServerConfiguration(backends: []))
        return text.isEmpty ? nil : text
    }

    /// The value in `configuration`, in a form the setting reads back; a list is separated by commas.
    public func text(in configuration: ServerConfiguration) -> String {
        texts(in: configuration).joined(separator: ",")
    }

    /// The values in `configuration` of a list, else the one value.
    func texts(in configuration: ServerConfiguration) -> [String] {
        row.texts(configuration)
    }

    /// Whether the value is on or off.
    var isSwitch: Bool { row.isSwitch }

    /// Whether the value must not be shown to anybody who can read a log.
    public var isSecret: Bool { self == .adminToken }

    /// Whether a new value waits for the next start.
    public var needsRestart: Bool { self == .workers || self == .reusePort }

    /// Puts `texts` in place of what `configuration` holds for this setting.
    ///
    /// Returns what was wrong with which text. A list keeps the texts that could be read; of several texts
    /// for a single value the last one counts.
    func apply(
        _ texts: [String],
        to configuration: inout ServerConfiguration
    ) -> [(index: Int, problem: ValueProblem)] {
        row.apply(texts, &configuration)
    }
}
