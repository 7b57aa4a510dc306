import ArgumentParser
import Configuration
import Serving

/// A balancer in front of three backends inside the same process, to see one work without having any.
struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Run a balancer in front of three backends of its own, on 127.0.0.1:8081 to 8083."
    )

    static let backends = (8081...8083).map { BackendAddress(host: "127.0.0.1", port: $0) }

    /// What stood on the command line besides; the parser hands it `--backend` even behind `demo`.
    @ParentCommand var parent: Swerve
    @OptionGroup var options: SettingOptions
    @OptionGroup var checking: CheckOption

    func run() throws {
        guard parent.backends.backend.isEmpty else {
            StandardError.print(
                "\(Setting.backend.flag) is not taken by swerve demo, which has backends of its own"
            )
            throw ExitCode.validationFailure
        }
        try Launch(options, presetBackends: Self.backends, isCheck: checking.check).run(Server.runDemo)
    }
}
