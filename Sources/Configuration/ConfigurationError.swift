/// One thing wrong with the settings, as a sentence for the person at the terminal.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where a text was written.
    public enum Origin: Sendable, Equatable {
        /// On the command line.
        case flag
        /// In the environment.
        case environment
    }

    /// The setting to correct.
    public let setting: Setting
    /// Where it was written, what was written, what is wrong and what would be right, on one line.
    ///
    /// For example `--backend "10.0.0.7:99999": port 99999 is above 65535; write host:port, for example
    /// 10.0.0.7:8080`, or the same with `SWERVE_BACKEND` in front.
    public let description: String

    init(_ setting: Setting, from origin: Origin, text: String, _ problem: ValueProblem) {
        self.setting = setting
        let name =
            switch origin {
            case .flag: setting.flag
            case .environment: setting.environmentName
            }
        description =
            switch problem {
            case .malformed(let sentence): "\(name) \(quoted(text)): \(sentence)"
            case .repeated(text): "\(name) \(quoted(text)) is given twice; name each address once"
            case .repeated(let value):
                "\(name) \(quoted(text)) is given twice, as \(value); name each address once"
            }
    }

    private init(_ setting: Setting, _ description: String) {
        self.setting = setting
        self.description = description
    }

    static let noBackend = ConfigurationError(
        .backend,
        """
        \(Setting.backend.flag) is missing; give at least one, for example \
        \(Setting.backend.flag) \(Setting.backend.example), or try swerve demo
        """
    )
}

/// Everything wrong with the settings, in the order of the help; never empty.
public struct ConfigurationErrors: Error, Sendable, Equatable {
    /// One error for each text that could not be taken.
    public let errors: [ConfigurationError]
}
