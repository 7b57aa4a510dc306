import Configuration
import Events
import Glibc
import TestSupport
import Testing

@testable import Serving

/// How lines get to standard error without holding up whoever has something to say.
@Suite struct OperationalWriterTests {
    private let style = OperationalStyle(ServerConfiguration(backends: []))

    private func text(_ path: String) throws -> String {
        String(decoding: try readWholeFile(path), as: UTF8.self)
    }

    @Test func `lines of each thread keep their order, and none is lost at the end`() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/errors"
        let writer = OperationalWriter(try .file(path), style)
        let ended = Monitor(0)
        for thread in 0..<4 {
            onNewThread {
                for number in 0..<500 { writer.put(Array("\(thread) \(number)\n".utf8)) }
                ended.access { $0 += 1 }
            }
        }
        #expect(ended.wait(until: .after()) { $0 == 4 ? true : nil } == true)
        writer.finish(within: Deadline.patience)
        let lines = try text(path).split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines.count == 2000)
        for thread in 0..<4 {
            #expect(lines.filter { $0[0] == "\(thread)" }.map { $0[1] } == (0..<500).map { "\($0)" })
        }
    }

    @Test func `a line is written at once`() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/errors"
        let writer = OperationalWriter(try .file(path), style)
        for number in 1...3 {
            writer.put(Array("line \(number)\n".utf8))
            #expect(try eventually { try text(path).hasSuffix("line \(number)\n") })
        }
        writer.finish(within: Deadline.patience)
    }

    @Test func `what finds no room is counted, and said when the reader is back`() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/errors"
        try #require(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(reader) }
        let writer = OperationalWriter(try .file(path), style)
        let line = Array((String(repeating: "x", count: 999) + "\n").utf8)
        let count = 2000
        for _ in 0..<count { writer.put(line) }
        let took = timed { writer.finish(within: .milliseconds(50)) }.took
        #expect(took < .seconds(10))
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        // What is lost is said where it is missing, which may be more than once.
        var whole = 0
        var lost = 0
        let isOver = eventually {
            let got = read(reader, &buffer, buffer.count)
            if got > 0 { bytes += buffer[..<got] }
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            whole = lines.filter { $0.utf8.count == 999 }.count
            lost = lines.compactMap { line in
                line.wholeMatch(of: /swerve: warning: messages lost: (\d+)/).flatMap { Int($0.1) }
            }.reduce(0, +)
            return whole + lost == count
        }
        #expect(isOver, "\(whole) \(lost)")
        #expect(lost > 0 && whole >= OperationalWriter.capacity / 1000)
    }

    @Test func `an output that cannot be written holds up no end`() throws {
        let writer = OperationalWriter(try .file("/dev/full"), style)
        writer.put(Array("line\n".utf8))
        writer.finish(within: Deadline.patience)
    }
}
