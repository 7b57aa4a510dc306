import Configuration
import Testing

@Suite struct SettingTableTests {
    /// What every other test configuration needs in order to be valid.
    private static let backend = "10.9.9.9:9999"

    private func configuration(flag setting: Setting, _ text: String) throws -> ServerConfiguration {
        let flags = [Setting.backend: [Self.backend]].merging([setting: [text]]) { $1 }
        return try ConfigurationBuilder(flags: flags).resolve().outcome.get()
    }

    private func configuration(variable setting: Setting, _ text: String) throws -> ServerConfiguration {
        let environment = ["SWERVE_BACKEND": Self.backend].merging([setting.environmentName: text]) { $1 }
        return try ConfigurationBuilder(environment: environment).resolve().outcome.get()
    }

    private func sentence(_ setting: Setting, _ text: String) -> String? {
        let flags = [Setting.backend: [Self.backend]].merging([setting: [text]]) { $1 }
        guard case .failure(let failure) = ConfigurationBuilder(flags: flags).resolve().outcome else {
            return nil
        }
        return failure.errors.map(\.description).joined(separator: "\n")
    }

    @Test(arguments: Setting.allCases)
    func `the example works as a flag and as a variable`(_ setting: Setting) throws {
        let fromFlag = try configuration(flag: setting, setting.example)
        #expect(setting.text(in: fromFlag) == setting.example)
        #expect(try configuration(variable: setting, setting.example) == fromFlag)
    }

    @Test(arguments: Setting.allCases)
    func `the example changes this setting and no other`(_ setting: Setting) throws {
        let initial = try configuration(flag: .backend, Self.backend)
        let changed = try configuration(flag: setting, setting.example)
        #expect(setting.text(in: changed) != setting.text(in: initial))
        for other in Setting.allCases where other != setting {
            #expect(other.text(in: changed) == other.text(in: initial))
        }
    }

    @Test(arguments: Setting.allCases)
    func `the default reads back as itself`(_ setting: Setting) throws {
        guard let text = setting.defaultText else {
            #expect(setting == .backend)
            return
        }
        #expect(try configuration(flag: setting, text) == configuration(flag: .backend, Self.backend))
    }

    @Test func `the defaults are the documented ones`() {
        let defaults = Setting.allCases.map { "\($0.flag) \($0.defaultText ?? "required")" }
        #expect(
            defaults == [
                "--listen :8000", "--backend required", "--reuse-port off", "--health-path /",
                "--health-method HEAD",
                "--health-interval 10s", "--health-timeout 2s", "--health-rise 2", "--health-fall 3",
                "--health-status 200-399", "--connect-timeout 3s", "--connect-total-timeout 10s",
                "--response-timeout 60s",
                "--read-timeout 60s",
                "--client-header-timeout 10s", "--client-body-timeout 30s", "--client-idle-timeout 75s",
                "--tunnel-timeout 1h", "--drain-delay 0", "--drain-timeout 30s", "--max-header-size 64k",
                "--max-headers 100",
                "--max-body 0", "--max-connections auto", "--workers auto", "--access-log -",
                "--log-format inspect", "--log-level info", "--admin off", "--admin-token none",
                "--admin-host none", "--admin-open off",
            ]
        )
    }

    @Test(arguments: [
        (Setting.healthInterval, "100ms", "1h", true), (.healthTimeout, "1ms", "5m", false),
        (.connectTimeout, "1ms", "5m", false), (.responseTimeout, "1ms", "24h", true),
        (.readTimeout, "1ms", "24h", true), (.clientHeaderTimeout, "1ms", "24h", true),
        (.clientBodyTimeout, "1ms", "24h", true), (.clientIdleTimeout, "1ms", "24h", true),
        (.tunnelTimeout, "1ms", "168h", true), (.drainTimeout, "1ms", "1h", true),
        (.healthRise, "1", "100", false),
        (.healthFall, "1", "100", false), (.maxHeaderSize, "1k", "1m", false),
        (.maxHeaders, "1", "1000", false),
        (.maxBody, "1", "1024g", true), (.maxConnections, "1", "1000000", false),
    ])
    func `both bounds are taken, and zero where it means something`(
        _ setting: Setting,
        _ lowest: String,
        _ highest: String,
        _ takesZero: Bool
    ) throws {
        #expect(setting.text(in: try configuration(flag: setting, lowest)) == lowest)
        #expect(setting.text(in: try configuration(flag: setting, highest)) == highest)
        #expect((sentence(setting, "0") == nil) == takesZero)
        #expect(setting.bounds?.hasPrefix("\(lowest) to \(highest)") == true)
    }

    @Test(arguments: [
        (
            Setting.healthInterval, "99ms",
            "99ms is below 100ms; the value runs from 100ms to 1h, or 0 to turn probes off"
        ),
        (
            .healthInterval, "61m",
            "1h1m is above 1h; the value runs from 100ms to 1h, or 0 to turn probes off"
        ),
        (.connectTimeout, "0", "0 is below 1ms; the value runs from 1ms to 5m"),
        (.readTimeout, "25h", "25h is above 24h; the value runs from 1ms to 24h, or 0 to wait without limit"),
        (
            .tunnelTimeout, "169h",
            "169h is above 168h; the value runs from 1ms to 168h, or 0 to wait without limit"
        ),
        (.drainTimeout, "61m", "1h1m is above 1h; the value runs from 1ms to 1h, or 0 to cut them at once"),
        (.maxHeaderSize, "1023", "1023 is below 1k; the value runs from 1k to 1m"),
        (.maxHeaderSize, "2m", "2m is above 1m; the value runs from 1k to 1m"),
        (.maxBody, "1025g", "1025g is above 1024g; the value runs from 1 to 1024g, or 0 for no limit"),
        (.healthRise, "0", "0 is below 1; the value runs from 1 to 100"),
        (.healthFall, "101", "101 is above 100; the value runs from 1 to 100"),
        (.healthFall, "+1", "a whole number is needed; the value runs from 1 to 100"),
        (.healthFall, "99999999999999999999", "the number is above 100; the value runs from 1 to 100"),
        (.maxConnections, "1000001", "1000001 is above 1000000; the value runs from 1 to 1000000, or auto"),
    ])
    func `what lies outside of the bounds is refused with the bounds`(
        _ setting: Setting,
        _ text: String,
        _ message: String
    ) {
        #expect(sentence(setting, text) == "\(setting.flag) \"\(text)\": \(message)")
    }

    @Test func `the number of connections may be left to the process`() throws {
        #expect(try configuration(flag: .maxConnections, "auto").limits.maxConnections == nil)
        #expect(try configuration(flag: .maxConnections, "10").limits.maxConnections == 10)
    }

    @Test func `the settings of one group stand together, in the order of the groups`() {
        let groups = Setting.allCases.map(\.group)
        let runs = groups.indices.filter { $0 == 0 || groups[$0] != groups[$0 - 1] }.map { groups[$0] }
        #expect(runs == SettingGroup.allCases)
    }

    @Test(arguments: Setting.allCases)
    func `names and sentences have their form`(_ setting: Setting) {
        #expect(setting.flag == "--" + setting.name)
        #expect(setting.environmentName.utf8.allSatisfy { (0x41...0x5A).contains($0) || $0 == 0x5F })
        #expect(setting.help.hasSuffix(".") && !setting.help.contains("|") && !setting.help.contains("\n"))
    }
}
