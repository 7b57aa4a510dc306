import Configuration
import Events
import Glibc
import Logging
import TestSupport
import Testing

@testable import Serving

/// Where the lines of several workers go while the place changes.
@Suite struct LogSinkTests {
    /// Two paths of files that do not exist, for the length of `body`.
    private func withPaths(_ body: (String, String) throws -> Void) throws {
        var template = Array("/tmp/swerve-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let paths = ["\(folder)/a", "\(folder)/b"]
        defer {
            for path in paths { unlink(path) }
            rmdir(folder)
        }
        try body(paths[0], paths[1])
    }

    private func text(_ path: String) -> String {
        (try? readWholeFile(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private func write(_ text: String, to sink: LogSink, of worker: Int) -> OutputSink.Outcome {
        sink.write(Array(text.utf8), text.utf8.count, of: worker)
    }

    @Test func `an output is replaced between two lines only`() throws {
        try withPaths { first, second throws in
            let sink = LogSink(try OutputSink.file(first))
            #expect(write("half ", to: sink, of: 0) == .written(5))
            #expect(write("other\n", to: sink, of: 1) == .written(0))
            #expect(!sink.replace(with: try OutputSink.file(second)))
            #expect(write("a line\n", to: sink, of: 0) == .written(7))
            #expect(sink.replace(with: try OutputSink.file(second)))
            #expect(write("other\n", to: sink, of: 1) == .written(6))
            #expect(text(first) == "half a line\n" && text(second) == "other\n")
        }
    }

    @Test func `a log moves, rests and comes back`() throws {
        try withPaths { first, second throws in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let log = try LogSwitch(.file(first), on: EventLoop(), logger: logger)
            #expect(write("1\n", to: log.sink, of: 0) == .written(2))
            log.move(to: .off, nil)
            #expect(write("2\n", to: log.sink, of: 0) == .written(2))
            log.reopen()
            log.move(to: .file(second), try LogSwitch.open(.file(second)))
            #expect(write("3\n", to: log.sink, of: 0) == .written(2))
            try #require(rename(second, first) == 0)
            log.reopen()
            #expect(write("4\n", to: log.sink, of: 0) == .written(2))
            #expect(text(first) == "3\n" && text(second) == "4\n")
        }
    }

    @Test func `a file that cannot be opened leaves the old one in its place`() throws {
        try withPaths { first, second throws in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let log = try LogSwitch(.file(first), on: EventLoop(), logger: logger)
            try #require(rename(first, second) == 0)
            try #require(mkdir(first, 0o755) == 0)
            defer { rmdir(first) }
            log.reopen()
            #expect(write("1\n", to: log.sink, of: 0) == .written(2))
            #expect(text(second) == "1\n")
            #expect(throws: EventError.self) { try LogSwitch(.file(first), on: EventLoop(), logger: logger) }
        }
    }
}
