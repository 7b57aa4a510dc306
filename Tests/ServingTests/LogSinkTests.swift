import Configuration
import Events
import Glibc
import HTTPMessages
import Logging
import Observability
import TestSupport
import Testing

@testable import Serving

/// Where the lines of several workers go while the place changes.
@Suite struct LogSinkTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

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

    private func makeQueue(of sink: LogSink? = nil) -> LogQueue {
        let queue = LogQueue(counters: WorkerCounters(), faults: FaultLog(logger))
        sink?.enlist(queue)
        return queue
    }

    /// Puts a line with `text` in a queue, and waits until it is written if there is a sink to write it.
    private func put(_ text: String, in queue: LogQueue, of sink: LogSink? = nil) {
        let log = AccessLog()
        log.pending.append(text: text + "\n")
        queue.put(log)
        guard let sink else { return }
        sink.wake()
        #expect(eventually { queue.isEmpty })
    }

    @Test func `a line that was begun is ended before anything else`() throws {
        try withPaths { first, _ throws in
            var stream = LogStream(try OutputSink.file(first))
            #expect(stream.write(Array("half ".utf8).span) == .written(5))
            #expect(stream.isInsideLine)
            #expect(stream.write(Array("a line\n".utf8).span) == .written(7))
            #expect(!stream.isInsideLine)
            _ = stream.write(Array("torn".utf8).span)
            var next = LogStream(try OutputSink.file(first))
            #expect(next.write(Array("whole\n".utf8).span) == .written(6))
            #expect(text(first) == "half a line\ntorn\nwhole\n")
        }
    }

    @Test func `what is taken makes room only once it is written`() {
        let queue = makeQueue()
        let line = String(repeating: "x", count: LogQueue.capacity / 2)
        put(line, in: queue)
        var memory: [UInt8] = []
        let count = queue.take(&memory)
        #expect(count == line.utf8.count + 1 && !queue.isEmpty)
        put(line, in: queue)
        #expect(queue.take(&memory) == 0)
        queue.finishTaken()
        put(line, in: queue)
        #expect(queue.take(&memory) == count)
        queue.finishTaken()
        #expect(queue.isEmpty)
    }

    @Test func `a log moves, rests and comes back`() throws {
        try withPaths { first, second throws in
            let log = try LogSwitch(.file(first), logger: logger)
            let queue = makeQueue(of: log.sink)
            put("1", in: queue, of: log.sink)
            log.move(to: .off, nil)
            #expect(eventually { !log.sink.isOn })
            log.reopen()
            log.move(to: .file(second), try LogSwitch.open(.file(second)))
            #expect(eventually { log.sink.isOn })
            put("3", in: queue, of: log.sink)
            try #require(rename(second, first) == 0)
            log.reopen()
            #expect(eventually { access(second, F_OK) == 0 })
            pass(.milliseconds(100))
            put("4", in: queue, of: log.sink)
            #expect(text(first) == "3\n" && text(second) == "4\n")
            log.move(to: .off, nil)
        }
    }

    @Test func `a file that cannot be opened leaves the old one in its place`() throws {
        try withPaths { first, second throws in
            let log = try LogSwitch(.file(first), logger: logger)
            let queue = makeQueue(of: log.sink)
            try #require(rename(first, second) == 0)
            try #require(mkdir(first, 0o755) == 0)
            defer { rmdir(first) }
            log.reopen()
            put("1", in: queue, of: log.sink)
            #expect(text(second) == "1\n")
            #expect(throws: EventError.self) { try LogSwitch(.file(first), logger: logger) }
            log.move(to: .off, nil)
        }
    }

    /// A pipe with a name that has no room left, and the descriptor it is read from.
    private func fullPipe(_ path: String) throws -> (output: OutputSink, reader: Int32) {
        try #require(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        try #require(reader >= 0)
        return (try .file(path), reader)
    }

    /// Has a line written of which a pipe takes the beginning only, and waits until it has.
    private func stall(_ reader: Int32, _ sink: LogSink) {
        sink.wake()
        var poll = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
        #expect(eventually { Glibc.poll(&poll, 1, 0) == 1 })
    }

    /// Everything that is in a pipe.
    private func drain(_ reader: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(reader, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    @Test func `a line that is stuck half-way holds up no move for ever`() throws {
        try withPaths { first, second throws in
            let pipe = try fullPipe(first)
            defer { close(pipe.reader) }
            let sink = try LogSink(pipe.output, logger: logger)
            let queue = makeQueue(of: sink)
            // More than a pipe takes, so that its end is inside the line.
            put(String(repeating: "x", count: 300_000), in: queue)
            put("next", in: queue)
            stall(pipe.reader, sink)
            sink.change(to: try .file(second), "moved")
            #expect(eventually { text(second) == "next\n" })
            #expect(eventually { queue.isEmpty })
            let torn = drain(pipe.reader)
            #expect(torn.count < 300_000 && torn.allSatisfy { $0 == "x" } && !torn.isEmpty)
            sink.change(to: nil, "off")
        }
    }

    @Test func `a pipe that is opened anew inside a line gets its end first`() throws {
        try withPaths { first, _ throws in
            let pipe = try fullPipe(first)
            defer { close(pipe.reader) }
            let sink = try LogSink(pipe.output, logger: logger)
            let queue = makeQueue(of: sink)
            put(String(repeating: "x", count: 300_000), in: queue)
            stall(pipe.reader, sink)
            sink.reopen(first)
            #expect(eventually { queue.isEmpty })
            #expect(drain(pipe.reader).allSatisfy { $0 == "x" })
            put("next", in: queue, of: sink)
            #expect(drain(pipe.reader) == "\nnext\n")
            sink.change(to: nil, "off")
        }
    }

    @Test func `a line that is stuck half-way does not keep the log on`() throws {
        try withPaths { first, second throws in
            let pipe = try fullPipe(first)
            defer { close(pipe.reader) }
            let sink = try LogSink(pipe.output, logger: logger)
            let queue = makeQueue(of: sink)
            put(String(repeating: "x", count: 300_000), in: queue)
            stall(pipe.reader, sink)
            sink.change(to: nil, "off")
            #expect(eventually { !sink.isOn && queue.isEmpty })
            sink.change(to: try .file(second), "on")
            put("next", in: queue, of: sink)
            #expect(text(second) == "next\n")
            sink.change(to: nil, "off")
        }
    }

    @Test func `a log that is turned off and on at once is on`() throws {
        try withPaths { first, _ throws in
            let sink = try LogSink(OutputSink.file(first), logger: logger)
            let queue = makeQueue(of: sink)
            for round in 0..<500 {
                sink.change(to: nil, "off")
                // The thread is at another point of its end each time.
                for _ in 0..<(round % 50) * 20 { sink.wake() }
                sink.change(to: try .file(first), "on")
                try #require(sink.isOn)
            }
            pass(.milliseconds(50))
            try #require(sink.isOn)
            put("last", in: queue, of: sink)
            #expect(text(first) == "last\n")
            sink.change(to: nil, "off")
        }
    }

    @Test func `lines of many workers are written whole and in the order of each`() throws {
        try withPaths { first, _ throws in
            let sink = try LogSink(OutputSink.file(first), logger: logger)
            let queues = (0..<4).map { _ in makeQueue(of: sink) }
            for number in 0..<500 {
                for (worker, queue) in queues.enumerated() {
                    put("\(worker) \(number)", in: queue)
                    sink.wake()
                }
            }
            #expect(eventually { queues.allSatisfy(\.isEmpty) })
            let lines = text(first).split(separator: "\n").map { $0.split(separator: " ") }
            #expect(lines.count == 2000)
            for worker in 0..<4 {
                let numbers = lines.filter { $0[0] == "\(worker)" }.map { $0[1] }
                #expect(numbers == (0..<500).map { "\($0)" })
            }
            sink.change(to: nil, "off")
        }
    }
}
