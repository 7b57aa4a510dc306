import ArgumentParser
import Configuration
import Events

/// From what the operator gave to a running server, or to a report of what is wrong with it.
struct Launch {
    let builder: ConfigurationBuilder
    let isCheck: Bool

    init(
        _ options: SettingOptions,
        _ backends: BackendOptions? = nil,
        presetBackends: [BackendAddress] = [],
        isCheck: Bool = false,
        environment: [String: String] = ProcessEnvironment.variables()
    ) {
        builder = ConfigurationBuilder(
            flags: options.texts(backends),
            environment: environment,
            file: options.file(environment),
            presetBackends: presetBackends
        )
        self.isCheck = isCheck
    }

    /// Hands the configuration to `serve` and ends with the status it returns.
    ///
    /// `serve` also gets a closure that resolves the same again, from a file that may have changed.
    /// - Throws: that status; 64 for flags or variables that cannot be used, 78 for such a file.
    func run(
        _ serve: (ServerConfiguration, @escaping @Sendable () -> ConfigurationBuilder.Resolution) -> Int32
    ) throws {
        if isCheck { ServerSignals.release() }
        let resolution = builder.resolve()
        for warning in resolution.warnings { StandardError.print("warning: \(warning)") }
        let configuration = try Self.valid(resolution.outcome)
        guard isCheck else { throw ExitCode(serve(configuration) { [builder] in builder.resolve() }) }
        for line in Setting.document(of: configuration, origins: resolution.origins) { print(line) }
    }

    /// The configuration, or the end of the process with all that is wrong on standard error.
    ///
    /// - Throws: 64 for flags or variables that cannot be used, 78 for such a file.
    static func valid(
        _ outcome: Result<ServerConfiguration, ConfigurationErrors>
    ) throws -> ServerConfiguration {
        switch outcome {
        case .success(let configuration): return configuration
        case .failure(let failure):
            for error in failure.errors { StandardError.print(error.description) }
            throw failure.areInFile ? ExitCode.badConfigurationFile : ExitCode.validationFailure
        }
    }
}

extension ExitCode {
    /// The configuration file cannot be used. (`EX_CONFIG` of `sysexits.h`)
    static let badConfigurationFile = ExitCode(78)
}
