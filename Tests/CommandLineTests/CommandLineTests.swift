import ArgumentParser
import Configuration
import Testing

@testable import swerve

@Suite struct CommandLineTests {
    /// The message and the exit status of arguments the parser ends the process for.
    private func refusal(_ arguments: [String]) -> (message: String, status: Int32)? {
        do {
            _ = try Swerve.parseAsRoot(arguments)
            return nil
        } catch {
            return (Swerve.fullMessage(for: error), Swerve.exitCode(for: error).rawValue)
        }
    }

    @Test(arguments: Setting.allCases)
    func `every setting has its flag`(_ setting: Setting) throws {
        let command = try #require(try Swerve.parseAsRoot([setting.flag, setting.example]) as? Swerve)
        let given = command.options.texts(command.backends).filter { !$1.isEmpty }
        #expect(given == [setting: [setting.example]])
    }

    @Test(arguments: Setting.allCases)
    func `demo takes every flag but the backends`(_ setting: Setting) throws {
        let command = try #require(try Swerve.parseAsRoot(["demo", setting.flag, setting.example]) as? Demo)
        guard setting != .backend else {
            #expect(throws: ExitCode.validationFailure) { try command.run() }
            return
        }
        #expect(command.options.texts(nil).filter { !$1.isEmpty } == [setting: [setting.example]])
    }

    @Test func `flags in front of demo count for it`() throws {
        let command = try #require(try Swerve.parseAsRoot(["--listen", ":9000", "--check", "demo"]) as? Demo)
        #expect(command.options.listeners.listen == [":9000"])
        #expect(command.checking.check)
    }

    @Test func `lists keep their order, and the last of several values counts`() throws {
        let arguments = ["--backend", "b:1", "--max-body", "1k", "--backend", "a:1", "--max-body", "2k"]
        let command = try #require(try Swerve.parseAsRoot(arguments) as? Swerve)
        let texts = command.options.texts(command.backends)
        #expect(texts[.backend] == ["b:1", "a:1"])
        #expect(texts[.maxBody] == ["2k"])
    }

    @Test func `a lone dash is a value`() throws {
        let command = try #require(try Swerve.parseAsRoot(["--access-log", "-"]) as? Swerve)
        #expect(command.options.logging.accessLog == "-")
    }

    @Test func `the backends of demo are three neighbours on the loopback`() {
        #expect(Demo.backends.map(\.description) == ["127.0.0.1:8081", "127.0.0.1:8082", "127.0.0.1:8083"])
    }

    @Test(arguments: [
        (["--helath-path", "/"], "Error: Unknown option '--helath-path'. Did you mean '--health-path'?"),
        (["extra"], "Error: Unexpected argument 'extra'"),
        (["--listen"], "Error: Missing value for '--listen <address>'"),
    ])
    func `what is no flag ends with status 64`(_ arguments: [String], _ message: String) throws {
        let refusal = try #require(self.refusal(arguments))
        #expect(refusal.message.hasPrefix(message))
        #expect(refusal.status == 64)
    }

    @Test func `the version is the one of the package`() throws {
        let refusal = try #require(self.refusal(["--version"]))
        #expect(refusal.message == "swerve \(SwerveVersion.current)")
        #expect(refusal.status == 0)
    }

    @Test func `the help lists every setting under its heading`() {
        let help = Swerve.helpMessage(columns: 400)
        var rest = help[...]
        for group in SettingGroup.allCases {
            guard let heading = rest.firstRange(of: "\(group.rawValue.uppercased()):\n") else {
                Issue.record("the heading \(group.rawValue) is missing or out of order")
                return
            }
            rest = rest[heading.upperBound...]
            let section = rest.prefix(upTo: rest.firstRange(of: "\n\n")?.lowerBound ?? rest.endIndex)
            for setting in Setting.allCases where setting.group == group {
                #expect(section.contains("\(setting.flag) <\(setting.placeholder.lowercased())>"))
                #expect(section.contains(setting.helpText))
            }
        }
    }
}
