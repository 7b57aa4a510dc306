import Glibc
import TestSupport
import Testing

/// Settings in a file, as the real binary takes them.
@Suite struct ConfigurationFileTests {
    @Test func `a file is all it takes`() throws {
        let origin = try Origin.ok()
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "# One backend.\nbackend = [\"\(origin.endpoint)\"]\nhealth-interval = 0\naccess-log = 'off'\n",
            to: "swerve.toml"
        )
        let balancer = try Balancer(backends: [], flags: ["--config", path])
        #expect(try balancer.get().status == 200)
        #expect(balancer.stop() == .code(0))
        #expect(balancer.process.output.waitForEnd())
        #expect(balancer.process.output.text.isEmpty)
    }

    @Test func `the variable names the file, and what is closer to the operator wins`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "backend = 'a:1'\n\nhealth-rise = 4\nhealth-fall = 5\nmax-headers = 6\n",
            to: "swerve.toml"
        )
        let result = try runToEnd(
            ["--check", "--health-rise", "7"],
            environment: ["SWERVE_CONFIG": path, "SWERVE_HEALTH_RISE": "8", "SWERVE_HEALTH_FALL": "9"]
        )
        #expect(result.status == .code(0) && result.errors.isEmpty, "\(result.errors)")
        for line in [
            "backend = [\"a:1\"]  # file line 1", "health-rise = 7  # flag",
            "health-fall = 9  # SWERVE_HEALTH_FALL", "max-headers = 6  # file line 5",
            "health-path = \"/\"  # default",
        ] {
            #expect(result.output.split(separator: "\n").contains { $0 == line }, "\(line)")
        }
    }

    @Test func `what the check prints is a file that says the same, but for the token`() throws {
        let folder = try TemporaryFolder()
        let flags = [
            "--backend", "b:1", "--backend", "a:1", "--listen", "127.0.0.1:0", "--max-body", "10m",
            "--workers",
            "2", "--reuse-port", "on", "--admin", ":8001", "--admin-token", "not-for-everybody",
        ]
        let first = try runToEnd(["--check"] + flags)
        #expect(first.status == .code(0))
        #expect(!first.output.contains("not-for-everybody") && first.output.contains("# admin-token is set"))
        let path = try folder.write(first.output, to: "swerve.toml")
        let second = try runToEnd(["--check", "--config", path])
        #expect(second.status == .code(0) && second.errors.isEmpty, "\(second.errors)")
        func values(_ output: String) -> [String] {
            output.split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.hasPrefix("admin-token") }
                .map { String($0.prefix(upTo: $0.firstRange(of: "  # ")?.lowerBound ?? $0.endIndex)) }
        }
        #expect(values(second.output) == values(first.output))
        #expect(values(first.output).contains("workers = 2"))
    }

    @Test func `all that is wrong is told at once, with its place`() throws {
        let folder = try TemporaryFolder()
        let text = "backend = ['10.0.0.7:99999']\nhealth-intervall = '5s'\nworkers = 'many'\n"
        let path = try folder.write(text, to: "swerve.toml")
        let result = try runToEnd(["--config", path])
        #expect(result.status == .code(78) && result.output.isEmpty)
        #expect(
            result.errors == """
                swerve: \(path):1:12: backend "10.0.0.7:99999": port 99999 is above 65535; write host:port, for \
                example 10.0.0.7:8080
                swerve: \(path):2:1: "health-intervall" is not a setting; did you mean health-interval?
                swerve: \(path):3:11: workers "many": a whole number is needed; the value runs from 1 to 256, or auto

                """
        )
        let mixed = try runToEnd(["--config", path, "--max-headers", "0"])
        #expect(mixed.status == .code(64))
        #expect(
            mixed.errors.hasPrefix("swerve: --max-headers \"0\": ") && mixed.errors.hasSuffix(result.errors)
        )
    }

    @Test func `what is no file is refused at once`() throws {
        let folder = try TemporaryFolder()
        let pipe = "\(folder.path)/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let large = try folder.write("#" + String(repeating: " ", count: 1 << 20), to: "large.toml")
        for (path, reason) in [
            ("\(folder.path)/none.toml", "No such file or directory"),
            (folder.path, "this is a directory; name a file"), (pipe, "this is not a regular file"),
            ("/dev/zero", "this is not a regular file"),
            (large, "the file is larger than 1m, the most that is read"),
        ] {
            let result = try runToEnd(["--check", "--config", path])
            #expect(
                result.status == .code(78) && result.errors == "swerve: \(path): \(reason)\n",
                "\(result)"
            )
        }
    }

    @Test func `the demo takes a file without backends`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("workers = 3\n", to: "swerve.toml")
        let result = try runToEnd(["demo", "--check", "--config", path])
        #expect(result.status == .code(0) && result.output.contains("workers = 3  # file line 1"))
        try folder.write("backend = 'a:1'\n", to: "swerve.toml")
        let refused = try runToEnd(["demo", "--check", "--config", path])
        #expect(refused.status == .code(78))
        #expect(refused.errors.contains("swerve.toml:1:1: backend is not taken by swerve demo"))
    }
}
