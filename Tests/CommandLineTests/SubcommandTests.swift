import ArgumentParser
import Configuration
import Testing

@testable import swerve

/// `swerve explain` and `swerve healthcheck` as far as the command line goes.
@Suite struct SubcommandTests {
    @Test(arguments: [
        ["explain", "--client", "10.1.2.3", "--backend", "a:1", "--workers", "2"],
        ["--backend", "a:1", "explain", "--workers", "2", "--client", "10.1.2.3"],
        ["--workers", "2", "explain", "--backend", "a:1", "--client", "10.1.2.3"],
    ])
    func `explain takes the flags of the instance, in front of its name and behind`(_ arguments: [String])
        throws
    {
        let command = try #require(try Swerve.parseAsRoot(arguments) as? Explain)
        let given = command.options.texts(command.backends).filter { !$1.isEmpty }
        #expect(given == [.backend: ["a:1"], .workers: ["2"]])
        #expect(command.client == "10.1.2.3" && command.alive == nil)
    }

    @Test(arguments: [
        ["healthcheck", "--admin", ":8001", "--backend", "a:1", "--config", "swerve.toml"],
        ["--admin", ":8001", "--config", "swerve.toml", "--backend", "a:1", "healthcheck"],
    ])
    func `healthcheck takes the flags of the instance`(_ arguments: [String]) throws {
        let command = try #require(try Swerve.parseAsRoot(arguments) as? Healthcheck)
        #expect(command.options.administration.admin == ":8001" && command.options.config == "swerve.toml")
    }

    @Test(arguments: [["explain", "--client", "::1"], ["healthcheck"]])
    func `a check is refused where nothing is checked`(_ arguments: [String]) throws {
        for arguments in [arguments + ["--check"], ["--check"] + arguments] {
            var command = try Swerve.parseAsRoot(arguments)
            #expect(throws: ExitCode.validationFailure) { try command.run() }
        }
    }

    @Test(arguments: [
        ("http://127.0.0.1:8001", "127.0.0.1:8001"), ("http://[::1]:8001/", "[::1]:8001"),
        ("127.0.0.1:8001", "127.0.0.1:8001"), ("https://a:1", "https://a:1"),
    ])
    func `a running instance may be named by its URL`(_ text: String, _ address: String) throws {
        let arguments = ["healthcheck", "--admin", text]
        let command = try #require(try Swerve.parseAsRoot(arguments) as? Healthcheck)
        #expect(command.options.withBareAdmin().administration.admin == address)
    }

    @Test func `the file is that of the flag, else that of the variable`() throws {
        func path(_ arguments: [String], _ environment: [String: String]) throws -> String? {
            let command = try #require(try Swerve.parseAsRoot(arguments) as? Swerve)
            return command.options.file(environment)?.path
        }
        #expect(try path(["--config", "a"], ["SWERVE_CONFIG": "b"]) == "a")
        #expect(try path([], ["SWERVE_CONFIG": "b"]) == "b")
        #expect(try path([], ["SWERVE_CONFIG": ""]) == nil)
        #expect(try path(["--config", ""], ["SWERVE_CONFIG": "b"]) == "")
    }

    @Test func `explain needs a client`() {
        do {
            _ = try Swerve.parseAsRoot(["explain", "--backend", "a:1"])
            Issue.record("it was parsed")
        } catch {
            #expect(
                Swerve.fullMessage(for: error).hasPrefix(
                    "Error: Missing expected argument '--client <client>'"
                )
            )
            #expect(Swerve.exitCode(for: error).rawValue == 64)
        }
    }
}
