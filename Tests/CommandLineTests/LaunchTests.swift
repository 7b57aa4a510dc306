import ArgumentParser
import Configuration
import Testing

@testable import swerve

@Suite struct LaunchTests {
    private func launch(_ arguments: String..., environment: [String: String] = [:]) throws -> Launch {
        let command = try #require(try Swerve.parseAsRoot(arguments) as? Swerve)
        return Launch(
            command.options,
            command.backends,
            isCheck: command.checking.check,
            environment: environment
        )
    }

    @Test(arguments: [0, 1, 69] as [Int32])
    func `the status of the server is the status of the process`(_ status: Int32) throws {
        let launch = try launch("--backend", "a:1")
        #expect(throws: ExitCode(status)) { try launch.run { _, _ in status } }
    }

    @Test func `the server gets what the flags and the environment say`() throws {
        var served: ServerConfiguration?
        let launch = try launch("--backend", "a:1", environment: ["SWERVE_HEALTH_RISE": "7"])
        #expect(throws: ExitCode.success) {
            try launch.run { configuration, _ in
                served = configuration
                return 0
            }
        }
        var expected = ServerConfiguration(backends: [BackendAddress(host: "a", port: 1)])
        expected.health.rise = 7
        #expect(served == expected)
    }

    @Test func `a bad setting ends with status 64 and starts nothing`() throws {
        let launch = try launch("--backend", "a")
        var hasStarted = false
        #expect(throws: ExitCode(64)) {
            try launch.run { _, _ in
                hasStarted = true
                return 0
            }
        }
        #expect(!hasStarted)
    }

    @Test func `a check starts nothing`() throws {
        let launch = try launch("--check", "--backend", "a:1")
        var hasStarted = false
        try launch.run { _, _ in
            hasStarted = true
            return 0
        }
        #expect(!hasStarted)
    }

    @Test func `the environment of the process is read`() {
        #expect(ProcessEnvironment.variables()["PATH"]?.isEmpty == false)
    }
}
