import ArgumentParser
import Configuration

extension SettingOptions {
    /// The same with `--admin` as an address where it was written as the URL of a running instance.
    func withBareAdmin() -> SettingOptions {
        var options = self
        guard var text = administration.admin, text.hasPrefix("http://") else { return options }
        text.removeFirst("http://".count)
        if text.hasSuffix("/") { text.removeLast() }
        options.administration.admin = text
        return options
    }
}

extension CheckOption {
    /// Ends the process where `--check` was given to a command that checks nothing.
    func refuse(in command: (some ParsableCommand).Type) throws {
        guard check else { return }
        StandardError.print("--check is not taken by swerve \(command.configuration.commandName ?? "")")
        throw ExitCode.validationFailure
    }
}
