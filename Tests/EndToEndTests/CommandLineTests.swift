import TestSupport
import Testing

/// What a person at a terminal, or a script, gets to see.
@Suite struct CommandLineTests {
    @Test func `the version is a number on one line`() throws {
        let result = try runToEnd(["--version"])
        #expect(result.status == .code(0))
        #expect(result.output.contains(/\d+\.\d+/))
        #expect(result.output.split(separator: "\n").count == 1)
    }

    @Test func `the help names every flag, and the defaults`() throws {
        let result = try runToEnd(["--help"])
        #expect(result.status == .code(0))
        let flags = [
            "listen", "backend", "health-path", "health-method", "health-interval", "health-timeout",
            "health-rise",
            "health-fall", "health-status", "connect-timeout", "connect-total-timeout", "response-timeout",
            "read-timeout",
            "client-header-timeout", "client-body-timeout", "client-idle-timeout", "tunnel-timeout",
            "max-header-size", "max-headers", "max-body", "max-connections", "drain-timeout", "access-log",
            "log-format", "config", "check", "version", "help",
        ]
        for flag in flags { #expect(result.output.contains("--\(flag)"), "--\(flag)") }
        for value in ["200-399", "64k", "75s", "inspect", "SWERVE_"] {
            #expect(result.output.contains(value))
        }
        for name in ["demo", "explain", "healthcheck"] { #expect(result.output.contains(name)) }
    }

    @Test func `a good configuration passes the check without starting`() throws {
        let result = try runToEnd(["--check", "--listen", "127.0.0.1:0", "--backend", "127.0.0.1:1"])
        #expect(result.status == .code(0))
        #expect(!result.errors.contains("listening"))
    }

    @Test(arguments: [
        ("--backend", "10.0.0.7:99999"), ("--backend", "10.0.0.7"), ("--backend", "https://10.0.0.7:1"),
        ("--listen", "nowhere:port"), ("--listen", "127.0.0.1"), ("--health-interval", "fast"),
        ("--health-timeout", "-1s"), ("--connect-timeout", "5"), ("--health-path", "no-slash"),
        ("--health-method", "G T"), ("--health-rise", "0"), ("--health-fall", "none"),
        ("--health-status", "999"),
        ("--health-status", "399-200"), ("--max-header-size", "huge"), ("--max-headers", "0"),
        ("--max-body", "-1"),
        ("--max-connections", "0"), ("--drain-timeout", "soon"), ("--log-format", "xml"),
    ])
    func `a bad value is named with its flag`(_ flag: String, _ value: String) throws {
        var arguments = ["--check", "\(flag)=\(value)"]
        if flag != "--backend" { arguments += ["--backend", "127.0.0.1:1"] }
        let result = try runToEnd(arguments)
        #expect(result.status == .code(64))
        #expect(result.errors.hasPrefix("swerve: \(flag) \"\(value)\": "), "\(result.errors)")
    }

    @Test func `all mistakes are told at once`() throws {
        let result = try runToEnd([
            "--backend", "10.0.0.7:99999", "--health-interval", "fast", "--max-headers", "0", "--listen",
            "x:y",
        ])
        #expect(result.status == .code(64))
        let lines = result.errors.split(separator: "\n")
        for start in [
            "swerve: --backend \"10.0.0.7:99999\": ", "swerve: --health-interval \"fast\": ",
            "swerve: --max-headers \"0\": ", "swerve: --listen \"x:y\": ",
        ] {
            #expect(lines.contains { $0.hasPrefix(start) }, "\(start)")
        }
    }

    @Test func `no backend is a mistake`() throws {
        let result = try runToEnd(["--listen", "127.0.0.1:0"])
        #expect(result.status == .code(64))
        #expect(result.errors.contains("--backend"))
    }

    @Test func `unknown flags are told with a guess, and hide no other mistake`() throws {
        let result = try runToEnd([
            "--lisen", "x:y", "--backend", "10.0.0.7:99999", "--frobnicate", "--chek", "--max-headers=0",
        ])
        #expect(result.status == .code(64))
        let starts = [
            "swerve: unknown option \"--lisen\"; did you mean --listen?",
            "swerve: unknown option \"--frobnicate\"; swerve --help lists what there is",
            "swerve: unknown option \"--chek\"; did you mean --check?",
            "swerve: --listen \"x:y\": ", "swerve: --backend \"10.0.0.7:99999\": ",
            "swerve: --max-headers \"0\": ",
        ]
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == starts.count, "\(result.errors)")
        for start in starts { #expect(lines.contains { $0.hasPrefix(start) }, "\(start)") }
    }

    @Test func `a misspelt sub-command is told with a guess`() throws {
        let result = try runToEnd(["helthcheck", "--admin", ":1"])
        #expect(result.status == .code(64))
        #expect(
            result.errors == "swerve: unexpected argument \"helthcheck\"; did you mean healthcheck?\n",
            "\(result.errors)"
        )
    }

    @Test func `a flag nobody knows is a mistake`() throws {
        let result = try runToEnd(["--backend", "127.0.0.1:1", "--no-such-flag", "1"])
        #expect(result.status == .code(64))
        #expect(result.errors.contains("--no-such-flag"))
    }

    @Test func `an occupied port ends the start with a reason`() throws {
        let occupied = try Origin.ok()
        let result = try runToEnd(["--listen", occupied.endpoint, "--backend", "127.0.0.1:1"])
        #expect(result.status == .code(1))
        #expect(result.errors.contains(occupied.endpoint))
        #expect(result.errors.lowercased().contains("in use"))
    }

    @Test func `an address that is not ours ends the start with a reason`() throws {
        let result = try runToEnd(["--listen", "192.0.2.1:0", "--backend", "127.0.0.1:1"])
        #expect(result.status == .code(1))
        #expect(result.errors.contains("192.0.2.1"))
    }

    @Test func `each flag has a twin in the environment`() throws {
        let origin = try Origin.ok()
        let environment = [
            "SWERVE_HEALTH_PATH": "/from-environment", "SWERVE_HEALTH_INTERVAL": "10s",
            "SWERVE_ACCESS_LOG": "off",
        ]
        let balancer = try Balancer(backends: [origin.endpoint], environment: environment)
        #expect(origin.waitForProbes(1))
        #expect(try balancer.get().status == 200)
        #expect(balancer.stop() == .code(0))
        #expect(balancer.process.output.waitForEnd())
        #expect(balancer.process.output.text.isEmpty)
        #expect(origin.probes.first?.target == "/from-environment")
    }

    @Test func `a flag goes before its twin in the environment`() throws {
        let origin = try Origin.ok()
        let flags = ["--health-interval", "10s", "--health-path", "/from-flag"]
        let environment = ["SWERVE_HEALTH_PATH": "/from-environment"]
        try withBalancer([origin.endpoint], flags, environment: environment) { _ in
            #expect(origin.waitForProbes(1))
        }
        #expect(origin.probes.first?.target == "/from-flag")
    }

    @Test func `a bad value in the environment is named too`() throws {
        let environment = ["SWERVE_HEALTH_INTERVAL": "fast"]
        let result = try runToEnd(["--check", "--backend", "127.0.0.1:1"], environment: environment)
        #expect(result.status == .code(64))
        #expect(result.errors.contains("fast"))
        #expect(
            result.errors.contains("SWERVE_HEALTH_INTERVAL") || result.errors.contains("--health-interval")
        )
    }

    @Test func `several addresses are listened on`() throws {
        let origin = try Origin.ok()
        let flags = ["--listen", "127.0.0.1:0", "--listen", "127.0.0.2:0"]
        try withBalancer(origin, flags) { balancer throws in
            #expect(balancer.waitForLog("listening on http://127.0.0.1:") != nil)
            #expect(balancer.waitForLog("listening on http://127.0.0.2:") != nil)
        }
    }
}
