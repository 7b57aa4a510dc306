/// Where the value of a setting comes from.
public enum SettingOrigin: Sendable, Equatable {
    /// The command line.
    case flag
    /// The environment.
    case environment
    /// The configuration file, where the setting begins.
    case file(FilePosition)
    /// None was given.
    case standard
}

/// One thing wrong with the settings, as a sentence for the person at the terminal.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The setting to correct; `nil` where none was recognised.
    public let setting: Setting?
    /// Where it was written, if it was written in a file.
    public let position: FilePosition?
    /// Where it was written, what was written, what is wrong and what would be right, on one line.
    ///
    /// For example `--backend "10.0.0.7:99999": port 99999 is above 65535; write host:port, for example
    /// 10.0.0.7:8080`, or the same with `SWERVE_BACKEND` or `swerve.toml:3:12: backend` in front.
    public let description: String

    init(_ setting: Setting, from origin: SettingOrigin, text: String, _ problem: ValueProblem) {
        self.setting = setting
        let name: String
        switch origin {
        case .flag, .standard:
            name = setting.flag
            position = nil
        case .environment:
            name = setting.environmentName
            position = nil
        case .file(let place):
            name = "\(place): \(setting.name)"
            position = place
        }
        if setting.isSecret, case .malformed(let sentence) = problem {
            // A secret does not belong into a log, not even a mistyped one.
            description = "\(name): \(sentence)"
        } else {
            description = "\(name) \(problem.description(of: text))"
        }
    }

    /// An error in a file which is about more than a text.
    init(_ setting: Setting? = nil, at position: FilePosition, _ sentence: String) {
        self.setting = setting
        self.position = position
        description = "\(position): \(sentence)"
    }

    private init(_ setting: Setting, _ description: String) {
        self.setting = setting
        position = nil
        self.description = description
    }

    /// There is no backend anywhere; `path` is the file that could have named one.
    static func noBackend(in path: String?) -> ConfigurationError {
        let setting = Setting.backend
        guard let path else {
            return ConfigurationError(
                setting,
                """
                \(setting.flag) is missing; give at least one, for example \(setting.flag) \(setting.example), or \
                try swerve demo
                """
            )
        }
        return ConfigurationError(
            setting,
            at: FilePosition(path: path, line: nil, column: nil),
            "\(setting.name) is missing; name at least one, for example \(setting.tomlExample)"
        )
    }

    /// The demo brings its own backends.
    static func backendInDemo(at position: FilePosition) -> ConfigurationError {
        ConfigurationError(
            .backend,
            at: position,
            "\(Setting.backend.name) is not taken by swerve demo, which has backends of its own"
        )
    }
}

/// Everything wrong with the settings; never empty.
///
/// What stands on the command line and in the environment comes first, in the order of the help, then what stands in
/// the file, from its top.
public struct ConfigurationErrors: Error, Sendable, Equatable {
    /// One error for each text that could not be taken; of very many the first, and how many more there are.
    public let errors: [ConfigurationError]

    /// The most that are listed, so that a file which is none does not flood a log.
    static let maxShown = 100

    init(_ errors: [ConfigurationError]) {
        let inFile = errors.filter { $0.position != nil }
        let places = inFile.indices.sorted {
            (inFile[$0].place, $0) < (inFile[$1].place, $1)
        }
        let ordered = errors.filter { $0.position == nil } + places.map { inFile[$0] }
        let rest = ordered.dropFirst(Self.maxShown)
        self.errors =
            ordered.prefix(Self.maxShown) + (rest.first.map { [$0.standing(for: rest.count)] } ?? [])
    }

    /// Whether the configuration file alone is to be corrected, and not the flags or the environment.
    public var areInFile: Bool { errors.allSatisfy { $0.position != nil } }
}

extension ConfigurationError {
    /// Says that there are more errors from this one on.
    fileprivate func standing(for count: Int) -> ConfigurationError {
        let sentence = "\(count) more errors are left out here"
        guard let position else { return ConfigurationError(setting ?? .backend, sentence) }
        return ConfigurationError(at: position, sentence)
    }

    /// Line and column in one number.
    fileprivate var place: Int { (position?.line ?? 0) << 32 + (position?.column ?? 0) }
}
