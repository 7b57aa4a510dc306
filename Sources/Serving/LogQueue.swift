internal import Observability
internal import Synchronization

/// One worker's access-log lines on their way to the thread that writes them, in memory that is bounded.
final class LogQueue: Sendable {
    private struct State: Sendable {
        /// Lines that wait; of this memory the first `count` bytes are written.
        var memory: [UInt8] = []
        var count = 0
        var lines = 0
        /// What the writer has taken and not written yet.
        var takenBytes = 0
        var takenLines = 0
        /// Why lines were dropped last; empty as long as none were.
        var reason = ""
    }

    private let state = Mutex(State())
    private let counters: WorkerCounters
    private let faults: FaultLog

    /// Why lines are dropped that are not taken in time.
    static let slowReader = "its reader is too slow"
    /// Bytes that may wait, those being written included.
    static let capacity = 1 << 20
    /// Bytes of memory that lines are gathered in.
    private static let usualMemory = 64 * 1024
    /// Bytes of memory that are kept for the next lines.
    private static let keptMemory = 256 * 1024

    /// An empty queue.
    ///
    /// - Parameters:
    ///   - counters: where dropped lines are counted.
    ///   - faults: where they are said.
    init(counters: WorkerCounters, faults: FaultLog) {
        self.counters = counters
        self.faults = faults
    }

    /// Whether every line is written or given up.
    var isEmpty: Bool { state.withLock { $0.count == 0 && $0.takenBytes == 0 } }

    // MARK: The worker's side

    /// Takes the lines of `log` over; those that find no room are dropped.
    func put(_ log: AccessLog) {
        state.withLock { state in
            // Memory of this size from the start does not have to grow while requests are served.
            if state.count == 0, state.memory.count < Self.usualMemory {
                state.memory = [UInt8](repeating: 0, count: Self.usualMemory)
            }
            let room = Self.capacity - state.count - state.takenBytes
            state.lines += log.handOver(to: &state.memory, &state.count, room: room)
        }
        let dropped = log.takeDropped()
        if dropped > 0 { say(dropped, Self.slowReader) }
    }

    /// Gives up what is left at the end, and says how much was lost.
    func giveUp() {
        let (left, reason) = state.withLock { state in
            let left = state.lines + state.takenLines
            state.count = 0
            state.lines = 0
            return (left, left > 0 ? "the server stopped before they were taken" : state.reason)
        }
        counters.logLinesDropped(left)
        if !reason.isEmpty { say(left, reason, isLast: true) }
    }

    // MARK: The writer's side

    /// Swaps the lines that wait for memory that is free.
    ///
    /// - Returns: how many bytes of the lines there are.
    func take(_ memory: inout [UInt8]) -> Int {
        if memory.count > Self.keptMemory { memory = [] }
        return state.withLock { state in
            guard state.count > 0 else { return 0 }
            swap(&state.memory, &memory)
            state.takenBytes = state.count
            state.takenLines = state.lines
            state.count = 0
            state.lines = 0
            return state.takenBytes
        }
    }

    /// Everything that was taken is written, or of no use any more.
    func finishTaken() {
        state.withLock { state in
            state.takenBytes = 0
            state.takenLines = 0
        }
    }

    /// A part of what was taken is written, or given up.
    func didWrite(_ part: Span<UInt8>) {
        let lines = Self.lineEnds(in: part)
        state.withLock { state in
            state.takenBytes -= part.count
            state.takenLines -= lines
        }
    }

    /// A part of what was taken cannot be written.
    func drop(_ part: Span<UInt8>, _ reason: String) {
        let lines = Self.lineEnds(in: part)
        didWrite(part)
        counters.logLinesDropped(lines)
        say(lines, reason)
    }

    /// Forgets what waits because the log is off.
    func clear() {
        state.withLock { state in
            state.count = 0
            state.lines = 0
        }
        finishTaken()
    }

    private static func lineEnds(in bytes: Span<UInt8>) -> Int {
        var count = 0
        for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") { count += 1 }
        return count
    }

    private func say(_ lines: Int, _ reason: String, isLast: Bool = false) {
        state.withLock { $0.reason = reason }
        faults.report(.accessLog, count: lines, isLast: isLast) {
            "access log: lines dropped: \($0): \(reason)"
        }
    }
}
