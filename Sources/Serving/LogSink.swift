internal import Events
internal import Logging
internal import Synchronization

/// The access log of the process: where it goes, and the thread that writes it there.
///
/// Workers hand lines over and go on, so that a disk that hangs or a reader that stalls costs lines and no traffic. The
/// thread exists while the log is on. Another output takes the place of the present one between two lines only.
final class LogSink: Sendable {
    /// Another output for the thread to go on with.
    private struct Change: Sendable {
        /// `nil` turns the log off.
        let output: OutputSink?
        /// What to say once it is done.
        let message: String
        /// Until when it waits for the end of a line.
        let deadline: LoopTime
    }

    private struct State: Sendable {
        var queues: [LogQueue] = []
        var change: Change?
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
        if let output { try start(output) }
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

    /// Goes on with another output after the present line, and says `message` then.
    func change(to output: OutputSink?, _ message: String) {
        let deadline = LoopTime(nanoseconds: LoopTime.current().nanoseconds + Self.changeLimit)
        let isTaken = state.withLock { state in
            guard state.isRunning else { return false }
            state.change = Change(output: output, message: message, deadline: deadline)
            return true
        }
        guard !isTaken else { return bell.ring() }
        do {
            if let output { try start(output) }
            logger.notice("\(message)")
        } catch {
            logger.error("access log stays off: \(error)")
        }
    }

    private func start(_ output: OutputSink) throws(EventError) {
        state.withLock { $0.isRunning = true }
        do {
            try SystemThread.start { [self] in run(output) }
        } catch {
            state.withLock { $0.isRunning = false }
            throw error
        }
        isOnValue.store(true, ordering: .relaxed)
    }

    // MARK: The thread

    /// The lines of one queue that are being written.
    private struct Taken {
        let queue: LogQueue
        var start = 0
        let end: Int
    }

    private func run(_ output: OutputSink) {
        var stream = LogStream(output)
        var memory: [UInt8] = []
        var taken: Taken?
        var next = 0
        var hasWritten = false
        while follow(&stream) {
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
    private func write(_ memory: Span<UInt8>, of taken: inout Taken?, to stream: inout LogStream) {
        guard var part = taken else { return }
        let lines = memory.extracting(part.start..<part.end)
        switch stream.write(lines) {
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
            state.change == nil && state.queues.allSatisfy { $0.isEmpty }
        }
        if isIdle { bell.wait() }
        isAsleep.store(false, ordering: .sequentiallyConsistent)
    }

    /// Goes on with another output if one is wanted and no line is stuck half-way.
    ///
    /// - Returns: `false` when the log is off, and the thread is to end.
    private func follow(_ stream: inout LogStream) -> Bool {
        let isInsideLine = stream.isInsideLine
        let now = LoopTime.current()
        let change = state.withLock { state -> Change? in
            guard let change = state.change, !isInsideLine || now >= change.deadline else { return nil }
            state.change = nil
            if change.output == nil, !isInsideLine { state.isRunning = false }
            return change
        }
        guard let change else { return true }
        guard !isInsideLine else {
            logger.error("access log goes on where it was: a line is stuck half-way in it")
            return true
        }
        if let output = change.output {
            stream = LogStream(output)
        } else {
            isOnValue.store(false, ordering: .relaxed)
            for queue in state.withLock({ $0.queues }) { queue.clear() }
        }
        logger.notice("\(change.message)")
        return change.output != nil
    }
}
