internal import Events
internal import Logging
internal import Synchronization

/// The access log of the process: where it goes, and the thread that writes it there.
///
/// Workers hand lines over and go on, so that a disk that hangs or a reader that stalls costs lines and no traffic. The
/// thread exists while the log is on, and opens files anew, which may hang as well.
final class LogSink: Sendable {
    /// What the thread is to go on with.
    private enum Target: Sendable {
        /// An output that is open.
        case output(OutputSink)
        /// The file at a path, which the thread opens.
        case file(String)
        /// The log is off, and the thread ends.
        case off
    }

    private struct Change: Sendable {
        let target: Target
        /// What to say once it is done.
        let message: String?
        /// Until when it waits for the end of a line.
        let deadline = LoopTime(nanoseconds: LoopTime.current().nanoseconds + LogSink.changeLimit)
    }

    private struct State: Sendable {
        var queues: [LogQueue] = []
        /// What is to be done in this order, no more than two.
        var changes: [Change] = []
        var isRunning = false
    }

    private let state = Mutex(State())
    private let bell: ThreadBell
    /// The thread sleeps, or is about to, until the bell rings.
    private let isAsleep = Atomic<Bool>(false)
    private let isOnValue = Atomic<Bool>(false)
    private let logger: Logger

    /// How long the thread leaves a reader alone that takes nothing.
    private static let stallPause = Duration.milliseconds(20)
    /// How long the thread gathers lines after it has written some, so that workers need not wake it each time.
    private static let gatherTime = Duration.milliseconds(5)
    /// How long a change waits for the end of a line that is stuck half-way.
    private static let changeLimit: UInt64 = 2_000_000_000

    /// A log that goes to `output`; `nil` is off.
    ///
    /// - Throws: when the system has no descriptor or no thread left.
    init(_ output: OutputSink?, logger: Logger) throws(EventError) {
        bell = try ThreadBell()
        self.logger = logger
        if let output { try ask(for: Change(target: .output(output), message: nil)) }
    }

    /// Whether lines are written anywhere.
    var isOn: Bool { isOnValue.load(ordering: .relaxed) }

    /// Has the lines of `queue` written.
    func enlist(_ queue: LogQueue) {
        state.withLock { $0.queues.append(queue) }
    }

    /// Tells the thread that a queue has lines; nearly free while it is at work.
    func wake() {
        // A queue's lock stands between this and what the thread does before it sleeps.
        if isAsleep.load(ordering: .sequentiallyConsistent),
            isAsleep.exchange(false, ordering: .sequentiallyConsistent)
        {
            bell.ring()
        }
    }

    /// Wakes the thread whatever it waits for, because the end is near.
    func hurry() { bell.ring() }

    /// Goes on with another output after the present line, and says `message` then; `nil` turns the log off.
    ///
    /// A line that is stuck half-way for two seconds is given up.
    func change(to output: OutputSink?, _ message: String) {
        obey(Change(target: output.map { .output($0) } ?? .off, message: message))
    }

    /// Opens the file at `path` after the present line, and goes on there; when that fails, nothing changes.
    func reopen(_ path: String) {
        obey(Change(target: .file(path), message: "access log opened anew: \(path)"))
    }

    private func obey(_ change: Change) {
        do {
            try ask(for: change)
        } catch {
            logger.error("access log stays off: \(error)")
        }
    }

    /// Leaves a change to the thread, which is started if it does not run.
    private func ask(for change: Change) throws(EventError) {
        let isRunning = state.withLock { state in
            switch (change.target, state.changes.last?.target) {
            // What is still to be opened anew is opened once.
            case (.file, .file): break
            case (.file, _): state.changes.append(change)
            case (.output, _), (.off, _): state.changes = [change]
            }
            defer {
                state.isRunning = true
                isOnValue.store(true, ordering: .relaxed)
            }
            return state.isRunning
        }
        guard !isRunning else { return bell.ring() }
        do {
            try SystemThread.start { [self] in run() }
        } catch {
            state.withLock { state in
                state.changes = []
                turnOff(&state)
            }
            throw error
        }
    }

    private func turnOff(_ state: inout State) {
        isOnValue.store(false, ordering: .relaxed)
        for queue in state.queues { queue.clear() }
        state.isRunning = false
    }

    // MARK: The thread

    /// The lines of one queue that are being written.
    private struct Taken {
        let queue: LogQueue
        var start = 0
        let end: Int
    }

    private func run() {
        var stream: LogStream?
        var memory: [UInt8] = []
        var taken: Taken?
        var next = 0
        var hasWritten = false
        while follow(&stream, memory.span, &taken) {
            if taken == nil {
                taken = take(&memory, from: &next)
                if taken == nil {
                    rest(gathering: hasWritten)
                    hasWritten = false
                    continue
                }
            }
            hasWritten = true
            write(memory.span, of: &taken, to: &stream)
        }
    }

    /// Writes once, and waits where nothing is taken.
    private func write(_ memory: Span<UInt8>, of taken: inout Taken?, to stream: inout LogStream?) {
        guard var part = taken else { return }
        let lines = memory.extracting(part.start..<part.end)
        guard let outcome = stream?.write(lines) else { return }
        switch outcome {
        case .written(0): bell.wait(atMost: Self.stallPause)
        case .written(lines.count):
            part.queue.finishTaken()
            taken = nil
        case .written(let count):
            part.queue.didWrite(lines.extracting(..<count))
            part.start += count
            taken = part
        case .failed(let code):
            part.queue.drop(lines, SystemError.text(code))
            taken = nil
        }
    }

    /// Takes the lines of the next queue that has some.
    private func take(_ memory: inout [UInt8], from next: inout Int) -> Taken? {
        let queues = state.withLock { $0.queues }
        for offset in queues.indices {
            let index = (next + offset) % queues.count
            let count = queues[index].take(&memory)
            guard count > 0 else { continue }
            next = index + 1
            return Taken(queue: queues[index], end: count)
        }
        return nil
    }

    /// Waits for lines: a moment if some have just been written, else until it is woken.
    private func rest(gathering: Bool) {
        if gathering { return bell.wait(atMost: Self.gatherTime) }
        isAsleep.store(true, ordering: .sequentiallyConsistent)
        let isIdle = state.withLock { state in
            state.changes.isEmpty && state.queues.allSatisfy { $0.isEmpty }
        }
        if isIdle { bell.wait() }
        isAsleep.store(false, ordering: .sequentiallyConsistent)
    }

    /// Goes on with another output if one is wanted and no line is stuck half-way, or has been for too long.
    ///
    /// - Returns: `false` when the log is off, and the thread is to end.
    private func follow(
        _ stream: inout LogStream?,
        _ memory: Span<UInt8>,
        _ taken: inout Taken?
    ) -> Bool {
        guard let change = nextChange(isInsideLine: stream?.isInsideLine ?? false) else { return true }
        abandonLine(of: &stream, memory, &taken)
        var message = change.message
        switch change.target {
        case .output(let output): stream = LogStream(output, after: stream)
        case .file(let path):
            do throws(EventError) {
                stream = LogStream(try .file(path), after: stream)
            } catch {
                let place = stream == nil ? "stays off" : "goes on in the old file"
                logger.error("access log \(place): \(error)", metadata: ["path": "\(path)"])
                message = nil
            }
        case .off:
            if let part = taken {
                part.queue.drop(memory.extracting(part.start..<part.end), LogQueue.slowReader)
            }
            (stream, taken) = (nil, nil)
        }
        let isOver = state.withLock { state in
            guard stream == nil, state.changes.isEmpty else { return false }
            turnOff(&state)
            return true
        }
        if let message { logger.notice("\(message)") }
        return !isOver
    }

    private func nextChange(isInsideLine: Bool) -> Change? {
        state.withLock { state in
            guard let change = state.changes.first else { return nil }
            guard !isInsideLine || LoopTime.current() >= change.deadline else { return nil }
            return state.changes.removeFirst()
        }
    }

    /// Gives up the rest of a line that is stuck half-way; the lines after it can go elsewhere.
    private func abandonLine(
        of stream: inout LogStream?,
        _ memory: Span<UInt8>,
        _ taken: inout Taken?
    ) {
        guard stream?.isInsideLine == true, var part = taken else { return }
        stream?.abandonLine()
        var next = part.start
        while next < part.end, memory[next] != UInt8(ascii: "\n") { next += 1 }
        next = min(next + 1, part.end)
        part.queue.drop(memory.extracting(part.start..<next), LogQueue.slowReader)
        part.start = next
        taken = next < part.end ? part : nil
    }
}
