import ArgumentParser
import Configuration
import Events
import Serving

/// Asks the running instance whether clients should be sent to it: the readiness probe of a container.
struct Healthcheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Ask the running instance whether it is ready; exit with 0 if it is, with 1 if not.",
        discussion: """
            It takes the flags, the variables and the file of the instance, so that the same arguments can be \
            used for both, and looks at \(Setting.admin.flag) alone. The answer has to come within 2 s.
            """
    )

    /// What stood on the command line besides; the parser hands it `--check` even behind `healthcheck`.
    @ParentCommand var parent: Swerve
    @OptionGroup(visibility: .hidden) var backends: BackendOptions
    @OptionGroup var options: SettingOptions

    func run() throws {
        ServerSignals.release()
        try parent.checking.refuse(in: Self.self)
        let launch = Launch(options.withBareAdmin(), backends)
        guard let admin = try Launch.valid(launch.builder.resolve(only: .admin)).admin.listener else {
            print(
                "there is no admin listener to ask; name it with \(Setting.admin.flag) or \(Setting.admin.environmentName)"
            )
            throw ExitCode.failure
        }
        switch AdminInquiry(to: admin).get("/readyz") {
        case .success(let answer):
            print(answer.reason)
            throw answer.status == 200 ? ExitCode.success : ExitCode.failure
        case .failure(let failure):
            print(failure)
            throw ExitCode.failure
        }
    }
}

extension AdminInquiry.Answer {
    /// The reason, on one line that fits a container runtime's status.
    fileprivate var reason: String {
        let line = lines.first.map { String($0.prefix(200)) } ?? ""
        return line.isEmpty ? "status \(status)" : line
    }
}
