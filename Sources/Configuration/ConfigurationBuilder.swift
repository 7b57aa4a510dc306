/// Makes one configuration out of flags, environment and defaults, in this order of precedence.
public struct ConfigurationBuilder: Sendable {
    /// The texts given on the command line, in their order.
    public var flags: [Setting: [String]]
    /// The environment of the process; variables that do not begin with `SWERVE_` are not looked at.
    public var environment: [String: String]
    /// Backends which are known beforehand; if there are any, the setting `backend` is not read.
    public var presetBackends: [BackendAddress]

    /// A builder over what the operator gave.
    public init(
        flags: [Setting: [String]] = [:],
        environment: [String: String] = [:],
        presetBackends: [BackendAddress] = []
    ) {
        self.flags = flags
        self.environment = environment
        self.presetBackends = presetBackends
    }

    /// What came out: a configuration or every error there is, and warnings in both cases.
    public struct Resolution: Sendable {
        /// The valid configuration, or all errors.
        public let outcome: Result<ServerConfiguration, ConfigurationErrors>
        /// Variables that are probably misspelt, by name.
        public let warnings: [ConfigurationWarning]
    }

    /// Reads every setting, going on after an error so that one run reports all of them.
    public func resolve() -> Resolution {
        var configuration = ServerConfiguration(backends: presetBackends)
        var errors: [ConfigurationError] = []
        for setting in Setting.allCases where setting != .backend || presetBackends.isEmpty {
            guard let (texts, origin) = texts(for: setting) else {
                if setting == .backend { errors.append(.noBackend) }
                continue
            }
            for (text, problem) in setting.apply(texts, to: &configuration) {
                errors.append(ConfigurationError(setting, from: origin, text: text, problem))
            }
        }
        let outcome: Result<ServerConfiguration, ConfigurationErrors> =
            errors.isEmpty ? .success(configuration) : .failure(ConfigurationErrors(errors: errors))
        return Resolution(outcome: outcome, warnings: warnings)
    }

    /// The texts which count, and where they come from; an empty variable is as good as none.
    private func texts(for setting: Setting) -> ([String], ConfigurationError.Origin)? {
        if let texts = flags[setting], !texts.isEmpty { return (texts, .flag) }
        guard let text = environment[setting.environmentName], !text.isEmpty else { return nil }
        guard setting.isRepeatable else { return ([text], .environment) }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        return (parts.map(Self.trimmed), .environment)
    }

    private var warnings: [ConfigurationWarning] {
        let known = Set(Setting.allCases.map(\.environmentName))
        return environment.keys
            .filter { $0.hasPrefix(Setting.environmentPrefix) && !known.contains($0) }
            .sorted()
            .map(ConfigurationWarning.init(name:))
    }

    /// Without the spaces people put around the commas of a list.
    private static func trimmed(_ text: Substring) -> String {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        var rest = text.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return String(rest)
    }
}
