import Configuration
import Testing

@Suite struct ConfigurationBuilderTests {
    private let backend = BackendAddress(host: "10.0.0.7", port: 8_080)

    /// The configuration that comes out, or a failed test.
    private func configuration(
        _ flags: [Setting: [String]],
        _ environment: [String: String] = [:]
    ) throws -> ServerConfiguration {
        try ConfigurationBuilder(flags: flags, environment: environment).resolve().outcome.get()
    }

    private func errors(_ flags: [Setting: [String]], _ environment: [String: String] = [:]) -> [String] {
        let outcome = ConfigurationBuilder(flags: flags, environment: environment).resolve().outcome
        guard case .failure(let failure) = outcome else { return [] }
        return failure.errors.map(\.description)
    }

    @Test func `one backend is all it takes`() throws {
        #expect(try configuration([.backend: ["10.0.0.7:8080"]]) == ServerConfiguration(backends: [backend]))
    }

    @Test func `a flag wins over the environment, and the environment over the default`() throws {
        let environment = ["SWERVE_HEALTH_RISE": "7", "SWERVE_HEALTH_FALL": "8"]
        let result = try configuration([.backend: ["10.0.0.7:8080"], .healthRise: ["5"]], environment)
        #expect(result.health.rise == 5)
        #expect(result.health.fall == 8)
        #expect(result.health.path == "/")
    }

    @Test func `a list from flags replaces the list from the environment`() throws {
        let result = try configuration(
            [.listen: [":1", ":2"], .backend: ["a:1"]],
            ["SWERVE_LISTEN": ":3", "SWERVE_BACKEND": "b:1,c:1"]
        )
        #expect(result.listeners.map(\.description) == [":1", ":2"])
        #expect(result.backends.map(\.description) == ["a:1"])
    }

    @Test func `a list in the environment is separated by commas, with spaces if wanted`() throws {
        let result = try configuration(
            [:],
            ["SWERVE_BACKEND": "b:1, http://a:2 ,\t[::1]:3", "SWERVE_LISTEN": "127.0.0.1:0,127.0.0.1:0"]
        )
        #expect(result.backends.map(\.description) == ["b:1", "a:2", "[::1]:3"])
        #expect(result.listeners.count == 2)
    }

    @Test func `a comma separates nothing on the command line and in a file`() {
        #expect(
            errors([.backend: ["a:1,b:2"], .listen: [":1, :2"]]) == [
                """
                --listen ":1, :2": commas separate values in SWERVE_LISTEN alone; repeat the flag: \
                --listen 127.0.0.1:9000 --listen …
                """,
                """
                --backend "a:1,b:2": commas separate values in SWERVE_BACKEND alone; repeat the flag: \
                --backend 10.0.0.7:8080 --backend …
                """,
            ]
        )
        let file = ConfigurationFile(path: "swerve.toml") { .success(Array("backend = 'a:1,b:2'".utf8)) }
        guard case .failure(let failure) = ConfigurationBuilder(file: file).resolve().outcome else {
            Issue.record("the file was taken")
            return
        }
        #expect(
            failure.errors.map(\.description) == [
                """
                swerve.toml:1:11: backend "a:1,b:2": commas separate values in SWERVE_BACKEND alone; \
                write a list: backend = ["10.0.0.7:8080", "…"]
                """
            ]
        )
    }

    @Test func `an empty variable counts as unset`() throws {
        let result = try configuration([.backend: ["a:1"]], ["SWERVE_LISTEN": "", "SWERVE_HEALTH_PATH": ""])
        #expect(result.listeners.map(\.description) == [":8000"])
        #expect(result.health.path == "/")
    }

    @Test func `an empty flag is an error`() {
        #expect(
            errors([.backend: ["a:1"], .healthPath: [""]]) == [
                "--health-path \"\": a path begins with /, for example /healthz"
            ]
        )
    }

    @Test(arguments: [[:], ["SWERVE_BACKEND": ""]])
    func `no backend is an error that shows the way`(_ environment: [String: String]) {
        #expect(
            errors([:], environment) == [
                "--backend is missing; give at least one, for example --backend 10.0.0.7:8080, or try swerve demo"
            ]
        )
    }

    @Test func `preset backends make the setting unread`() throws {
        let builder = ConfigurationBuilder(
            flags: [.listen: [":9000"]],
            environment: ["SWERVE_BACKEND": "not an address"],
            presetBackends: [backend]
        )
        let result = try builder.resolve().outcome.get()
        #expect(result.backends == [backend])
        #expect(result.listeners == [ListenAddress(host: nil, port: 9_000)])
    }

    @Test func `an error names the flag or the variable`() {
        let sentence = "port 99999 is above 65535; write host:port, for example 10.0.0.7:8080"
        #expect(
            errors([.backend: ["10.0.0.7:99999"]]) == ["--backend \"10.0.0.7:99999\": \(sentence)"]
        )
        #expect(
            errors([:], ["SWERVE_BACKEND": "a:1, 10.0.0.7:99999"])
                == ["SWERVE_BACKEND \"10.0.0.7:99999\": \(sentence)"]
        )
    }

    @Test func `all errors come at once, in the order of the settings`() {
        let flags: [Setting: [String]] = [
            .logFormat: ["xml"], .backend: ["a", "b:1", "c:0"], .listen: ["8000"], .maxHeaders: ["many"],
        ]
        #expect(
            errors(flags, ["SWERVE_HEALTH_INTERVAL": "10"]) == [
                "--listen \"8000\": the colon is missing; write :8000",
                "--backend \"a\": the port is missing; write host:port, for example a:8080",
                "--backend \"c:0\": port 0 is below 1; write host:port, for example c:8080",
                "SWERVE_HEALTH_INTERVAL \"10\": 10 has no unit; the units are ms, s, m and h, for example 10s",
                "--max-headers \"many\": a whole number is needed; the value runs from 1 to 1000",
                "--log-format \"xml\": there is no such format; the formats are: inspect, combined, json",
            ]
        )
    }

    @Test func `an address given twice is refused, however it is spelt`() {
        #expect(
            errors([
                .listen: [":8000", ":8000"],
                .backend: ["10.0.0.1:80", "http://10.0.0.1", "A:1", "a:1", "[0::1]:1", "[::1]:1"],
            ]) == [
                "--listen \":8000\" is given twice; name each address once",
                "--backend \"http://10.0.0.1\" is given twice, as 10.0.0.1:80; name each address once",
                "--backend \"a:1\" is given twice; name each address once",
                "--backend \"[::1]:1\" is given twice; name each address once",
            ]
        )
    }

    @Test func `one port on two hosts, and port 0 twice, are different listeners`() throws {
        let texts = ["127.0.0.1:80", "127.0.0.2:80", "127.0.0.1:0", "127.0.0.1:0"]
        let result = try configuration([.listen: texts, .backend: ["a:1"]])
        #expect(result.listeners.map(\.description) == texts)
    }

    @Test func `values are escaped and cut in messages`() {
        let long = String(repeating: "x", count: 100)
        #expect(
            errors([.backend: ["a:1"], .accessLog: ["\u{1b}[31m\"\\\n\u{202e}"], .logFormat: [long]]) == [
                """
                --access-log "\\u{1b}[31m\\"\\\\\\n\\u{202e}": a path without control characters is needed
                """,
                "--log-format \"\(long.prefix(80))…\": there is no such format; the formats are: inspect, combined, json",
            ]
        )
    }
}
