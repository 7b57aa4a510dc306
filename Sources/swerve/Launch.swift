import ArgumentParser
import Configuration

/// From what the operator gave to a running server, or to a report of what is wrong with it.
struct Launch {
    let builder: ConfigurationBuilder
    let isCheck: Bool

    init(
        _ options: SettingOptions,
        _ backends: BackendOptions? = nil,
        presetBackends: [BackendAddress] = [],
        environment: [String: String] = ProcessEnvironment.variables()
    ) {
        builder = ConfigurationBuilder(
            flags: options.texts(backends),
            environment: environment,
            presetBackends: presetBackends
        )
        isCheck = options.check
    }

    /// Hands the configuration to `serve` and ends with the status it returns; 64 if there is no valid one.
    func run(
        _ serve: (ServerConfiguration, @escaping () -> ConfigurationBuilder.Resolution) -> Int32
    ) throws {
        let resolution = builder.resolve()
        for warning in resolution.warnings { StandardError.print("warning: \(warning)") }
        switch resolution.outcome {
        case .failure(let failure):
            for error in failure.errors { StandardError.print(error.description) }
            throw ExitCode.validationFailure
        case .success(let configuration) where isCheck:
            for line in Setting.summary(of: configuration) { print(line) }
        case .success(let configuration):
            throw ExitCode(serve(configuration) { [builder] in builder.resolve() })
        }
    }
}
