import Configuration
import Testing

/// What `--check` prints.
@Suite struct ConfigurationDocumentTests {
    private func lines(_ builder: ConfigurationBuilder) throws -> [String] {
        let resolution = builder.resolve()
        return Setting.document(of: try resolution.outcome.get(), origins: resolution.origins)
    }

    private func reread(_ lines: [String]) throws -> ServerConfiguration {
        let bytes = Array(lines.joined(separator: "\n").utf8)
        let file = ConfigurationFile(path: "check.toml") { .success(bytes) }
        return try ConfigurationBuilder(file: file).resolve().outcome.get()
    }

    @Test func `each value has its form and its origin`() throws {
        let file = ConfigurationFile(path: "swerve.toml") { .success(Array("\n\nreuse-port = true".utf8)) }
        let builder = ConfigurationBuilder(
            flags: [.backend: ["[::1]:80", "a:1"], .maxConnections: ["10"], .adminToken: ["top-secret"]],
            environment: ["SWERVE_ACCESS_LOG": "/a\"b\\c"],
            file: file
        )
        #expect(
            try lines(builder) == [
                "# Addresses", "listen = [\":8000\"]  # default", "backend = [", "    \"[::1]:80\",",
                "    \"a:1\",",
                "]  # flag", "reuse-port = true  # file line 3", "", "# Health checks",
                "health-path = \"/\"  # default", "health-method = \"HEAD\"  # default",
                "health-interval = \"10s\"  # default", "health-timeout = \"2s\"  # default",
                "health-rise = 2  # default", "health-fall = 3  # default",
                "health-status = \"200-399\"  # default", "", "# Timeouts",
                "connect-timeout = \"3s\"  # default", "connect-total-timeout = \"10s\"  # default",
                "response-timeout = \"60s\"  # default",
                "read-timeout = \"60s\"  # default", "client-header-timeout = \"10s\"  # default",
                "client-body-timeout = \"30s\"  # default", "client-idle-timeout = \"75s\"  # default",
                "tunnel-timeout = \"1h\"  # default", "drain-delay = \"0\"  # default",
                "drain-timeout = \"30s\"  # default", "", "# Limits", "max-header-size = \"64k\"  # default",
                "max-headers = 100  # default", "max-body = \"0\"  # default", "max-connections = 10  # flag",
                "workers = \"auto\"  # default", "", "# Logging",
                "access-log = \"/a\\\"b\\\\c\"  # SWERVE_ACCESS_LOG", "log-format = \"inspect\"  # default",
                "log-level = \"info\"  # default", "", "# Administration", "admin = \"off\"  # default",
                "# admin-token is set and not shown  # flag",
                "admin-host = [\"none\"]  # default", "admin-open = false  # default",
            ]
        )
    }

    @Test(arguments: Setting.allCases)
    func `what is printed reads back as the same configuration`(_ setting: Setting) throws {
        var flags = [Setting.backend: ["10.9.9.9:9999"]]
        flags[setting] = [setting.example]
        let builder = ConfigurationBuilder(flags: flags)
        let lines = try lines(builder)
        var expected = try builder.resolve().outcome.get()
        if setting == .adminToken {
            #expect(!lines.contains { $0.contains(setting.example) })
            expected.admin.token = nil
        }
        #expect(try reread(lines) == expected)
    }

    @Test func `many values at once read back too`() throws {
        let flags: [Setting: [String]] = [
            .backend: (1...300).map { "10.0.\($0 / 256).\($0 % 256):80" },
            .listen: ["127.0.0.1:0", "127.0.0.1:0"],
            .accessLog: ["/var/log/é \u{202e}'x'"], .healthStatus: ["200,204,301-302"], .maxBody: ["4097"],
            .readTimeout: ["1500ms"],
        ]
        let builder = ConfigurationBuilder(flags: flags)
        #expect(try reread(try lines(builder)) == builder.resolve().outcome.get())
    }
}
