import Configuration
import Glibc
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
        let name = "Sources/Configuration/Configuration.docc/Settings.md"
        let page = try #require(contents(ofFileInPackage: name), "\(name) cannot be read")
        #expect(page.contains(Setting.markdownTable()))
    }

    @Test func `the flags on the front page are rows of the Markdown table`() throws {
        let readme = try #require(contents(ofFileInPackage: "README.md"), "README.md cannot be read")
        let rows = readme.split(separator: "\n").filter { $0.hasPrefix("| `--") }
        let table = Setting.markdownTable().split(separator: "\n")
        #expect(!rows.isEmpty)
        #expect(rows.filter { !table.contains($0) } == [])
    }

    private func contents(ofFileInPackage name: String, from source: String = #filePath) -> String? {
        let root = source.split(separator: "/").dropLast(3).joined(separator: "/")
        guard let file = fopen("/\(root)/\(name)", "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
