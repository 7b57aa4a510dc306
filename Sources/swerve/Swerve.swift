import ArgumentParser
import Configuration
import Events
import Serving

/// The command line of the load balancer.
@main struct Swerve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swerve",
        abstract: "An HTTP/1.1 load balancer.",
        discussion: """
            Durations are written as 500ms, 2s, 1m30s or 1h, sizes as 4096, 64k, 1m or 1g with k = 1024. \
            Every flag has an environment variable, which is read when the flag is missing; a variable with \
            several addresses separates them by commas. What neither gives is taken from the file of --config, \
            then the default counts.
            """,
        version: "swerve \(SwerveVersion.current)",
        subcommands: [Explain.self, Healthcheck.self, Demo.self]
    )

    @OptionGroup(title: SettingGroup.addresses.rawValue) var backends: BackendOptions
    @OptionGroup var options: SettingOptions
    @OptionGroup var checking: CheckOption

    /// Signals wait from the first moment on; whoever does not serve lets them through again.
    static func main() {
        ServerSignals.hold()
        main(Array(CommandLine.arguments.dropFirst()))
    }

    /// Not `async`: what runs on the main actor would check its executor in every callback of the event loop.
    func run() throws {
        try Launch(options, backends, isCheck: checking.check).run(Server.run)
    }
}
