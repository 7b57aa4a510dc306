/// Makes one configuration out of flags, environment, file and defaults, in this order of precedence.
///
/// The value keeps what the operator gave, so that the same can be resolved again once the file has changed.
public struct ConfigurationBuilder: Sendable {
    /// The texts given on the command line, in their order.
    public var flags: [Setting: [String]]
    /// The environment of the process; variables that do not begin with `SWERVE_` are not looked at.
    public var environment: [String: String]
    /// The configuration file, read anew by each `resolve`; `nil` without one.
    public var file: ConfigurationFile?
    /// Backends which are known beforehand; if there are any, the setting `backend` is not read.
    public var presetBackends: [BackendAddress]

    /// A builder over what the operator gave.
    public init(
        flags: [Setting: [String]] = [:],
        environment: [String: String] = [:],
        file: ConfigurationFile? = nil,
        presetBackends: [BackendAddress] = []
    ) {
        self.flags = flags
        self.environment = environment
        self.file = file
        self.presetBackends = presetBackends
    }

    /// What came out: a configuration or every error there is, and warnings in both cases.
    public struct Resolution: Sendable {
        /// The valid configuration, or all errors.
        public let outcome: Result<ServerConfiguration, ConfigurationErrors>
        /// Variables that are probably misspelt, by name.
        public let warnings: [ConfigurationWarning]
        /// Where the value of each setting comes from; defaults are left out.
        public let origins: [Setting: SettingOrigin]
    }

    /// Reads every setting, going on after an error so that one run reports all of them.
    public func resolve() -> Resolution {
        var configuration = ServerConfiguration(backends: presetBackends)
        let file = file?.settings()
        var errors = file?.errors ?? []
        var origins: [Setting: SettingOrigin] = [:]
        for setting in Setting.allCases {
            guard setting != .backend || presetBackends.isEmpty else {
                if let position = file?.positions[setting] { errors.append(.backendInDemo(at: position)) }
                continue
            }
            let layers = self.layers(of: setting, file)
            // What another layer wins over is judged all the same: it counts as soon as that layer is gone.
            for layer in layers.dropFirst() {
                var other = configuration
                errors += layer.apply(to: &other)
            }
            if let layer = layers.first {
                errors += layer.apply(to: &configuration)
                origins[setting] = layer.origin
            } else if setting == .backend, file?.isRead != false {
                errors.append(.noBackend(in: self.file?.path))
            }
        }
        return Resolution(
            outcome: errors.isEmpty ? .success(configuration) : .failure(ConfigurationErrors(errors)),
            warnings: warnings,
            origins: origins
        )
    }

    /// Reads one setting and nothing else, so that what is wrong elsewhere does not matter.
    ///
    /// The file is not even opened where a flag or a variable decides.
    public func resolve(only setting: Setting) -> Result<ServerConfiguration, ConfigurationErrors> {
        var configuration = ServerConfiguration(backends: presetBackends)
        var layers = self.layers(of: setting, nil)
        var errors: [ConfigurationError] = []
        if layers.isEmpty, let file = file?.settings() {
            errors = file.errors.filter { $0.setting == setting || !file.isRead }
            layers = self.layers(of: setting, file)
        }
        if let layer = layers.first {
            errors += layer.apply(to: &configuration)
        } else if setting == .backend, errors.isEmpty {
            errors = [.noBackend(in: file?.path)]
        }
        return errors.isEmpty ? .success(configuration) : .failure(ConfigurationErrors(errors))
    }

    /// What was given for `setting`, the layer that counts in front; an empty variable is as good as none.
    private func layers(of setting: Setting, _ file: FileSettings?) -> [SettingLayer] {
        var layers: [SettingLayer] = []
        if let texts = flags[setting], !texts.isEmpty {
            layers.append(SettingLayer(setting: setting, origin: .flag, texts: texts))
        }
        if layers.isEmpty, let text = environment[setting.environmentName], !text.isEmpty {
            let parts = setting.isRepeatable ? Self.parts(of: text) : [text]
            layers.append(SettingLayer(setting: setting, origin: .environment, texts: parts))
        }
        if let file, let position = file.positions[setting] {
            let texts = file.texts[setting] ?? []
            layers.append(
                SettingLayer(
                    setting: setting,
                    origin: .file(position),
                    texts: texts.map(\.text),
                    positions: texts.map(\.position)
                )
            )
        }
        return layers
    }

    private var warnings: [ConfigurationWarning] {
        let known = Set(Setting.allCases.map(\.environmentName) + [ConfigurationFile.environmentName])
        return environment.keys
            .filter { $0.hasPrefix(Setting.environmentPrefix) && !known.contains($0) }
            .sorted()
            .map(ConfigurationWarning.init(name:))
    }

    /// The texts between commas, without the spaces people put around them.
    private static func parts(of text: String) -> [String] {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        return text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            var rest = part.drop(while: isSpace)
            while let last = rest.last, isSpace(last) { rest.removeLast() }
            return String(rest)
        }
    }
}

/// What one place says about a setting.
private struct SettingLayer {
    let setting: Setting
    let origin: SettingOrigin
    let texts: [String]
    /// Where each text stands, in a file.
    var positions: [FilePosition] = []

    /// Takes the texts over, and says what is wrong with which of them.
    func apply(to configuration: inout ServerConfiguration) -> [ConfigurationError] {
        // A list whose every element was of the wrong type has been reported, and must not empty a default.
        guard !texts.isEmpty else { return [] }
        return setting.apply(texts, to: &configuration).map { index, problem in
            let origin = positions.isEmpty ? origin : .file(positions[index])
            let text = texts[index]
            return ConfigurationError(setting, from: origin, text: text, listed(text, origin) ?? problem)
        }
    }

    /// The advice for a list in the notation of a variable where another one is expected.
    private func listed(_ text: String, _ origin: SettingOrigin) -> ValueProblem? {
        guard setting.isRepeatable, origin != .environment, text.contains(",") else { return nil }
        let pair = ["\(setting.example)", "…"]
        let notation =
            origin == .flag
            ? "repeat the flag: " + pair.map { "\(setting.flag) \($0)" }.joined(separator: " ")
            : "write a list: \(setting.name) = [" + pair.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        return .malformed("commas separate values in \(setting.environmentName) alone; \(notation)")
    }
}
