import Configuration
import Testing

@Suite struct ConfigurationWarningTests {
    private func warnings(_ names: String...) -> [String] {
        let environment = Dictionary(uniqueKeysWithValues: names.map { ($0, "value") })
        return ConfigurationBuilder(environment: environment).resolve().warnings.map(\.description)
    }

    @Test(arguments: [
        ("SWERVE_BACKENDS", "SWERVE_BACKENDS is not a setting; did you mean SWERVE_BACKEND?"),
        ("SWERVE_HEALTH_PAHT", "SWERVE_HEALTH_PAHT is not a setting; did you mean SWERVE_HEALTH_PATH?"),
        ("SWERVE_CONFG", "SWERVE_CONFG is not a setting; did you mean SWERVE_CONFIG?"),
        ("SWERVE_listen", "SWERVE_listen is not a setting; did you mean SWERVE_LISTEN?"),
        ("SWERVE_CLIENT_IDLE", "SWERVE_CLIENT_IDLE is not a setting"),
        ("SWERVE_SERVICE_HOST", "SWERVE_SERVICE_HOST is not a setting"),
        ("SWERVE_", "SWERVE_ is not a setting"),
        ("SWERVE_\u{7}", "SWERVE_\\u{7} is not a setting"),
    ])
    func `an unknown variable is reported with the nearest name`(_ name: String, _ warning: String) {
        #expect(warnings(name) == [warning])
    }

    @Test func `warnings come in the order of the names`() {
        #expect(
            warnings("SWERVE_Z", "SWERVE_Y") == ["SWERVE_Y is not a setting", "SWERVE_Z is not a setting"]
        )
    }

    @Test func `settings and the variables of others are no reason to warn`() {
        #expect(warnings("SWERVE_BACKEND", "SWERVE_CONFIG", "PATH", "SWERVEX", "swerve_backend").isEmpty)
    }
}
