import Logging
import Observability
import Testing

@testable import Serving

@Suite struct OperationalLogTests {
    private func text(_ level: Logger.Level, _ message: String) -> String {
        String(decoding: OperationalLogHandler.text(level, message), as: UTF8.self)
    }

    private func json(_ message: String, _ facts: Logger.Metadata = [:]) -> String {
        let time = LogTime(seconds: 1_795_573_022, milliseconds: 7, utcOffset: 3600)
        return String(
            decoding: OperationalLogHandler.json(.notice, message, facts, at: time),
            as: UTF8.self
        )
    }

    @Test func `text says who, how serious, and what`() {
        for level in [Logger.Level.debug, .info, .notice] { #expect(text(level, "up") == "swerve: up\n") }
        #expect(text(.warning, "low") == "swerve: warning: low\n")
        for level in [Logger.Level.error, .critical] { #expect(text(level, "off") == "swerve: error: off\n") }
    }

    @Test(arguments: ["a\nb", "a\r\nb", "a\u{85}b", "a\u{2028}b"])
    func `a message is one line of text whatever it holds`(_ message: String) {
        #expect(text(.info, message) == "swerve: a b\n")
    }

    @Test func `json has the time, the level, the words and the facts`() {
        let start = #"{"ts":"2026-11-25T02:17:02.007Z","level":"info","msg":"#
        #expect(json("up") == start + "\"up\"}\n")
        #expect(json("a\"\\\n\u{e9}") == start + #""a\"\\\n"# + "\u{e9}\"}\n")
        let facts: Logger.Metadata = ["path": "/a\"b", "backend": "b:1"]
        #expect(json("up", facts) == start + #""up","backend":"b:1","path":"/a\"b"}"# + "\n")
    }

    @Test(arguments: [
        (Logger.Level.debug, "debug"), (.info, "info"), (.notice, "info"), (.warning, "warning"),
        (.error, "error"), (.critical, "error"),
    ])
    func `levels have the names that the flag takes`(_ level: Logger.Level, _ name: String) {
        let time = LogTime(seconds: 0, milliseconds: 0, utcOffset: 0)
        let line = String(decoding: OperationalLogHandler.json(level, "", [:], at: time), as: UTF8.self)
        #expect(line.contains("\"level\":\"\(name)\""))
    }
}
