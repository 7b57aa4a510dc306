import Configuration
import Synchronization
import Testing

@Suite struct ConfigurationFileTests {
    private func file(_ text: String) -> ConfigurationFile {
        ConfigurationFile(path: "swerve.toml") { .success(Array(text.utf8)) }
    }

    private func configuration(
        _ text: String,
        flags: [Setting: [String]] = [:],
        environment: [String: String] = [:]
    ) throws -> ServerConfiguration {
        try ConfigurationBuilder(flags: flags, environment: environment, file: file(text)).resolve().outcome
            .get()
    }

    private func errors(
        _ file: ConfigurationFile,
        flags: [Setting: [String]] = [:],
        environment: [String: String] = [:]
    ) -> [String] {
        let builder = ConfigurationBuilder(flags: flags, environment: environment, file: file)
        guard case .failure(let failure) = builder.resolve().outcome else { return [] }
        return failure.errors.map(\.description)
    }

    private func errors(_ text: String, flags: [Setting: [String]] = [:]) -> [String] {
        errors(file(text), flags: flags)
    }

    // MARK: Values

    @Test(arguments: Setting.allCases)
    func `the example works in a file`(_ setting: Setting) throws {
        let value = setting.isRepeatable ? "[\"\(setting.example)\"]" : "\"\(setting.example)\""
        let backend = setting == .backend ? "" : "backend = '10.9.9.9:9999'\n"
        let fromFile = try configuration(backend + "\(setting.name) = \(value)")
        var flags = [Setting.backend: ["10.9.9.9:9999"]]
        flags[setting] = [setting.example]
        #expect(try ConfigurationBuilder(flags: flags).resolve().outcome.get() == fromFile)
    }

    @Test func `numbers and booleans need no quotes, and lists keep their order`() throws {
        let result = try configuration(
            """
            # Two of them, the older one first.
            backend = [
                "b:1", # here since 2024
                "http://a:2",
            ]
            listen = ":9000"
            workers = 4
            max-connections = 1_000
            max-body = 1048576
            health-interval = 0
            health-status = 204
            reuse-port = true
            """
        )
        #expect(result.backends.map(\.description) == ["b:1", "a:2"])
        #expect(result.listeners.map(\.description) == [":9000"])
        #expect(result.workers == 4 && result.limits.maxConnections == 1_000)
        #expect(result.limits.maxBody == 1 << 20 && result.health.interval == .zero)
        #expect(result.health.expectedStatus.description == "204" && result.sharesPorts)
    }

    @Test(arguments: [("true", true), ("false", false), ("\"on\"", true), ("\"off\"", false)])
    func `a switch is a boolean or a word`(_ value: String, _ isOn: Bool) throws {
        #expect(try configuration("backend = 'a:1'\nreuse-port = \(value)").sharesPorts == isOn)
    }

    // MARK: Precedence

    @Test func `a flag wins over a variable, a variable over the file, the file over the default`() throws {
        let result = try configuration(
            "backend = ['a:1', 'b:1']\nhealth-rise = 4\nhealth-fall = 5\nmax-headers = 6",
            flags: [.healthRise: ["7"]],
            environment: ["SWERVE_HEALTH_RISE": "8", "SWERVE_HEALTH_FALL": "9", "SWERVE_MAX_HEADERS": ""]
        )
        #expect(result.health.rise == 7 && result.health.fall == 9 && result.limits.maxHeaders == 6)
        #expect(result.limits.maxHeaderSize == 65_536)
    }

    @Test func `a list from above replaces the whole list`() throws {
        let result = try configuration("backend = ['a:1', 'b:1']", environment: ["SWERVE_BACKEND": "c:1"])
        #expect(result.backends.map(\.description) == ["c:1"])
    }

    @Test func `what a flag wins over is judged all the same`() {
        #expect(
            errors("backend = 'a:1'\nhealth-rise = 0", flags: [.healthRise: ["1"]]) == [
                "swerve.toml:2:15: health-rise \"0\": 0 is below 1; the value runs from 1 to 100"
            ]
        )
    }

    @Test func `each resolution reads the file again`() throws {
        let file = ConfigurationFile(path: "swerve.toml") { [counter = Counter()] in
            .success(Array("backend = 'a:\(counter.next())'".utf8))
        }
        let builder = ConfigurationBuilder(file: file)
        #expect(try builder.resolve().outcome.get().backends.map(\.description) == ["a:1"])
        #expect(try builder.resolve().outcome.get().backends.map(\.description) == ["a:2"])
    }

    @Test func `one setting can be read where the rest is wrong`() throws {
        let text = "admin = ':8001'\nworkers = 'many'\nnonsense = 1"
        #expect(
            try ConfigurationBuilder(file: file(text)).resolve(only: .admin).get().admin.listener?.port
                == 8_001
        )
        let unreadable = ConfigurationFile(path: "swerve.toml") { .failure(.init("gone")) }
        let builder = ConfigurationBuilder(environment: ["SWERVE_ADMIN": ":8002"], file: unreadable)
        #expect(try builder.resolve(only: .admin).get().admin.listener?.port == 8_002)
        #expect(throws: ConfigurationErrors.self) {
            try ConfigurationBuilder(file: unreadable).resolve(only: .admin).get()
        }
        #expect(throws: ConfigurationErrors.self) { try ConfigurationBuilder().resolve(only: .backend).get() }
    }

    @Test func `the origin of each value is known`() {
        let builder = ConfigurationBuilder(
            flags: [.backend: ["a:1"]],
            environment: ["SWERVE_HEALTH_RISE": "3"],
            file: file("\nworkers = 2\nbackend = ['b:1']")
        )
        let origins = builder.resolve().origins
        #expect(origins[.backend] == .flag && origins[.healthRise] == .environment)
        guard case .file(let position)? = origins[.workers] else {
            Issue.record("workers come from \(String(describing: origins[.workers]))")
            return
        }
        #expect(position.description == "swerve.toml:2:1" && origins.count == 3)
    }

    // MARK: Errors

    @Test func `all errors come at once, each with its line and column`() {
        let text = """
            backends = ["a:1"]
            backend = ["a:1", "10.0.0.7:99999", 5]
            health_interval = "5s"
            health-timeout = 5
            workers = 2.5
            reuse-port = 1
            [health]
            rise = 3
            path = "/"
            color-of-it = 1
            [tls]
            """
        #expect(
            errors(text, flags: [.maxHeaders: ["0"]]) == [
                "--max-headers \"0\": 0 is below 1; the value runs from 1 to 1000",
                "swerve.toml:1:1: \"backends\" is not a setting; did you mean backend?",
                """
                swerve.toml:2:19: backend "10.0.0.7:99999": port 99999 is above 65535; write host:port, for \
                example 10.0.0.7:8080
                """,
                "swerve.toml:2:37: backend is a number; write a value such as backend = [\"10.0.0.7:8080\"]",
                "swerve.toml:3:1: \"health_interval\" is not a setting; did you mean health-interval?",
                "swerve.toml:4:18: health-timeout \"5\": 5 has no unit; the units are ms, s, m and h, for example 10s",
                "swerve.toml:5:11: workers is a number with a fraction; write a value such as workers = 4",
                "swerve.toml:6:14: reuse-port \"1\": write off or on",
                "swerve.toml:8:1: \"health.rise\" is not a setting; write health-rise, outside of tables",
                "swerve.toml:9:1: \"health.path\" is not a setting; write health-path, outside of tables",
                "swerve.toml:10:1: \"health.color-of-it\" is not a setting",
                """
                swerve.toml:11:1: "tls" is a table; settings stand outside of tables, under the names of their flags
                """,
            ]
        )
    }

    @Test(arguments: [
        (
            "backend = 'a:1'\nlisten = true",
            "2:10: listen is a boolean; write a value such as listen = [\"127.0.0.1:9000\"]"
        ),
        ("backend = 8080", "1:11: backend is a number; write a value such as backend = [\"10.0.0.7:8080\"]"),
        (
            "backend = []",
            "1:1: backend is an empty list; name at least one, for example backend = [\"10.0.0.7:8080\"]"
        ),
        ("backend = 'a:1'\nworkers = [1]", "2:11: workers is a list; write a value such as workers = 4"),
        ("backend = 'a:1'\nworkers = {}", "2:11: workers is a table; write a value such as workers = 4"),
        (
            "backend = 'a:1'\nadmin = false",
            "2:9: admin is a boolean; write a value such as admin = \"127.0.0.1:8001\""
        ),
        ("backend = 'a:1'\n\nbackend = 'b:1'", "3:1: backend is given twice, first in line 1; give it once"),
        ("backend = ['a:1', 'A:1']", "1:19: backend \"A:1\" is given twice, as a:1; name each address once"),
        ("backend = 'a:1\n", "1:11: the text is not closed on its line"),
        (
            "backend = 'a:1'\nhealth-path = \"\"",
            "2:15: health-path \"\": a path begins with /, for example /healthz"
        ),
        (
            "health-interval = 5s",
            "1:19: \"5s\" is neither a number nor true or false; text stands in quotes: \"5s\""
        ),
        (
            "backend = 'a:1'\nadmin-token = 'short'",
            "2:15: admin-token: a token has 8 to 256 characters, or write none"
        ),
    ])
    func `an error says what would be right`(_ text: String, _ message: String) {
        #expect(errors(text) == ["swerve.toml:\(message)"])
    }

    @Test func `a file without backends says how to name them`() {
        #expect(
            errors("# nothing yet") == [
                "swerve.toml: backend is missing; name at least one, for example backend = [\"10.0.0.7:8080\"]"
            ]
        )
    }

    @Test func `the demo brings its own backends`() {
        let preset = [BackendAddress(host: "127.0.0.1", port: 1)]
        let builder = ConfigurationBuilder(file: file("workers = 1\nbackend = 'a:1'"), presetBackends: preset)
        guard case .failure(let failure) = builder.resolve().outcome else {
            Issue.record("the file's backends were taken")
            return
        }
        #expect(
            failure.errors.map(\.description) == [
                "swerve.toml:2:1: backend is not taken by swerve demo, which has backends of its own"
            ]
        )
    }

    @Test func `a file that cannot be read is the only thing that is missing`() {
        let file = ConfigurationFile(path: "no\u{1b}.toml") { .failure(.init("No such file or directory")) }
        #expect(errors(file) == ["no\\u{1b}.toml: No such file or directory"])
        #expect(
            errors(file, flags: [.workers: ["0"]]) == [
                "--workers \"0\": 0 is below 1; the value runs from 1 to 256, or auto",
                "no\\u{1b}.toml: No such file or directory",
            ]
        )
    }

    @Test func `a file has a largest size`() {
        let line = Array("backend = 'a:1'\n#".utf8)
        let largest = line + Array(repeating: 0x20, count: ConfigurationFile.maxSize - line.count)
        #expect(errors(ConfigurationFile(path: "swerve.toml") { .success(largest) }).isEmpty)
        #expect(
            errors(ConfigurationFile(path: "swerve.toml") { .success(largest + [0x20]) }) == [
                "swerve.toml: the file is larger than 1m, the most that is read"
            ]
        )
    }

    @Test(arguments: [([0xFF], "1:1"), ([0x23, 0x0A, 0x23, 0xC3, 0xA9, 0xC3, 0x28], "2:4")])
    func `a file is UTF-8`(_ bytes: [UInt8], _ place: String) {
        #expect(
            errors(ConfigurationFile(path: "swerve.toml") { .success(bytes) }) == [
                "swerve.toml:\(place): this is not UTF-8"
            ]
        )
    }

    @Test func `a file may be full of backends`() throws {
        let list = (0..<2_000).map { "\"h\($0):1\"" }.joined(separator: ",")
        #expect(try configuration("backend = [\(list)]").backends.count == 2_000)
    }

    /// A file that is something else altogether does not flood a log.
    @Test func `a file may be full of errors`() {
        let lines = (0..<2_000).map { "helth-interval\($0) = 1\n[a\($0)]\n" }
        let errors = errors(lines.joined())
        #expect(errors.count == 101)
        #expect(
            errors.first
                == "swerve.toml: backend is missing; name at least one, for example backend = [\"10.0.0.7:8080\"]"
        )
        #expect(
            errors[1]
                == "swerve.toml:1:1: \"helth-interval0\" is not a setting; did you mean health-interval?"
        )
        #expect(errors.last == "swerve.toml:199:1: 1902 more errors are left out here")
    }

    @Test func `errors in the file alone are told from others`() {
        func areInFile(_ builder: ConfigurationBuilder) -> Bool? {
            guard case .failure(let failure) = builder.resolve().outcome else { return nil }
            return failure.areInFile
        }
        #expect(areInFile(ConfigurationBuilder(file: file("workers = 0"))) == true)
        #expect(areInFile(ConfigurationBuilder(flags: [.workers: ["0"]], file: file("workers = 0"))) == false)
        #expect(areInFile(ConfigurationBuilder()) == false)
    }
}

/// Counts how often it was asked.
private final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
