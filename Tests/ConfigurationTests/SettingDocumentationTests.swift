import Configuration
import TestSupport
import Testing

@Suite struct SettingDocumentationTests {
    @Test func `the help says what a setting does, its default, its bounds and its variable`() {
        #expect(
            Setting.healthInterval.helpText == """
                Wait this long between two probes of one backend. (default: 10s; 100ms to 1h, or 0 to turn \
                probes off; SWERVE_HEALTH_INTERVAL)
                """
        )
        #expect(
            Setting.backend.helpText == """
                Send requests to this backend, written as host:port or http://host:port. (required; \
                repeatable; SWERVE_BACKEND)
                """
        )
    }

    @Test func `the Markdown table has one row per setting, and one for the file`() {
        let lines = Setting.markdownTable().split(separator: "\n")
        #expect(lines.count == Setting.allCases.count + 3)
        #expect(lines.first == "| Flag | Default | Environment | Meaning |")
        #expect(lines.allSatisfy { $0.count(where: { $0 == "|" }) == 5 })
        #expect(
            lines.contains(
                """
                | `--health-rise NUMBER` | `2` | `SWERVE_HEALTH_RISE` | Bring a backend back after this many \
                good probes in a row. Takes 1 to 100. |
                """
            )
        )
    }

    @Test func `the manual holds the Markdown table`() throws {
        let page = try Manual.page("Sources/Configuration/Configuration.docc/Settings.md")
        #expect(page.contains(Setting.markdownTable()))
    }

    @Test func `the flags on the front page are rows of the Markdown table`() throws {
        let rows = try Manual.page("README.md").split(separator: "\n").filter { $0.hasPrefix("| `--") }
        let table = Setting.markdownTable().split(separator: "\n")
        #expect(rows.count == 10)
        #expect(rows.filter { !table.contains($0) } == [])
    }
}
