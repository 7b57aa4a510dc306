internal import Events
internal import Logging
internal import Synchronization

/// Standard error, and the thread that writes there what the process says of itself.
///
/// Whoever has something to say leaves a line and goes on, so that a disk that hangs or a reader that stalls holds up no
/// loop. Lines are written in the order in which they were left.
final class OperationalWriter: Sendable {
    private struct State: Sendable {
        /// Lines that wait, one after the other.
        var lines: [UInt8] = []
        /// How many found no room since the thread took the last ones.
        var dropped = 0
        /// Lines are written by a thread; else by whoever leaves them.
        var hasThread = false
        /// The thread sleeps, or is about to, until the bell rings.
        var isAsleep = false
        /// The thread ends as soon as no line waits.
        var isEnding = false
    }

    private let state = Mutex(State())
    private let output: OutputSink
    private let style: OperationalStyle
    /// Wakes the thread; `nil` where the system has no descriptor left for it.
    private let bell: ThreadBell?
    /// The thread has ended.
    private let end: ThreadBell?

    /// Bytes of lines that may wait, those being written left out.
    static let capacity = 256 * 1024
    /// How long the thread leaves a reader alone that takes nothing.
    private static let stallPause = Duration.milliseconds(50)

    /// Writes to `output` on a thread of its own, which sleeps while there is nothing to say.
    ///
    /// Where the system has no thread left, lines are written by whoever leaves them.
    ///
    /// - Parameters:
    ///   - output: where lines go.
    ///   - style: how the number of lost lines is said.
    init(_ output: OutputSink, _ style: OperationalStyle) {
        self.output = output
        self.style = style
        bell = try? ThreadBell()
        end = try? ThreadBell()
        guard let bell, let end else { return }
        state.withLock { $0.hasThread = true }
        do {
            try SystemThread.start { [self] in
                run(bell)
                end.ring()
            }
        } catch {
            state.withLock { $0.hasThread = false }
        }
    }

    /// Leaves a line, which is lost and counted if too much waits.
    ///
    /// - Parameter line: ends with a line feed.
    func put(_ line: [UInt8]) {
        let (hasThread, wasAsleep) = state.withLock { state in
            guard state.hasThread else { return (false, false) }
            guard state.lines.count + line.count <= Self.capacity else {
                state.dropped += 1
                return (true, false)
            }
            state.lines += line
            defer { state.isAsleep = false }
            return (true, state.isAsleep)
        }
        if !hasThread { _ = output.write(line.span) }
        if wasAsleep { bell?.ring() }
    }

    /// Waits until every line is written, but no longer than `limit`, and ends the thread.
    func finish(within limit: Duration) {
        let hasThread = state.withLock { state in
            state.isEnding = true
            return state.hasThread
        }
        guard hasThread else { return }
        bell?.ring()
        end?.wait(atMost: limit)
    }

    // MARK: The thread

    private func run(_ bell: ThreadBell) {
        var stream = LogStream(output)
        var lost = 0
        while let batch = take(bell) {
            lost += batch.dropped
            var isTaken = true
            var start = 0
            while start < batch.lines.count {
                let lineEnd = batch.lines[start...].firstIndex(of: UInt8(ascii: "\n"))
                let next = lineEnd.map { $0 + 1 } ?? batch.lines.count
                isTaken = write(batch.lines.span.extracting(start..<next), to: &stream, bell)
                if !isTaken { lost += 1 }
                start = next
            }
            // An output that fails is not told what it lost before it takes a line again.
            guard lost > 0, isTaken else { continue }
            let notice = OperationalLogHandler.line(.warning, "messages lost: \(lost)", [:], as: style.format)
            if write(notice.span, to: &stream, bell) { lost = 0 }
        }
    }

    /// Waits for lines and takes all of them.
    ///
    /// - Returns: `nil` when the thread is to end.
    private func take(_ bell: ThreadBell) -> (lines: [UInt8], dropped: Int)? {
        while true {
            let (batch, isOver) = state.withLock { state -> ((lines: [UInt8], dropped: Int)?, Bool) in
                if !state.lines.isEmpty || state.dropped > 0 {
                    defer { (state.lines, state.dropped) = ([], 0) }
                    return ((state.lines, state.dropped), false)
                }
                state.isAsleep = true
                if state.isEnding { state.hasThread = false }
                return (nil, state.isEnding)
            }
            if batch != nil || isOver { return batch }
            bell.wait()
        }
    }

    /// Writes a line, however long its reader takes.
    ///
    /// - Returns: `false` when it cannot be written.
    private func write(_ line: Span<UInt8>, to stream: inout LogStream, _ bell: ThreadBell) -> Bool {
        var start = 0
        while start < line.count {
            switch stream.write(line.extracting(start..<line.count)) {
            case .written(0): bell.wait(atMost: Self.stallPause)
            case .written(let count): start += count
            case .failed: return false
            }
        }
        return true
    }
}
