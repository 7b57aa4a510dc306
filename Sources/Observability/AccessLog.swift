public import HTTPMessages

/// Access-log lines on their way out, in memory that is bounded.
///
/// Lines are appended while a turn of the loop runs and taken out at its end. When the reader stalls, whole lines are
/// dropped and counted instead of waited for.
public final class AccessLog {
    /// How a line is written.
    public enum Format: Sendable {
        /// `[INSPECT] Method: … | Path: … | User-Agent: … | Client: …`
        case inspect
        /// The combined format of Apache and nginx.
        case combined
        /// One JSON object a line.
        case json
    }

    /// How lines are written from now on.
    public var format: Format
    /// Lines waiting to be written.
    public let pending = ByteWriter()
    /// Lines dropped because too many were waiting.
    public var dropped: Int { droppedLines }

    private var droppedLines = 0
    private var pendingLines = 0
    private let counters: WorkerCounters
    private let capacity: Int
    private var stamp = LogTimeText()

    /// An empty log.
    ///
    /// - Parameters:
    ///   - format: how lines are written.
    ///   - counters: where dropped lines are counted, too.
    ///   - capacity: bytes that may wait.
    public init(
        _ format: Format = .inspect,
        counters: WorkerCounters = WorkerCounters(),
        capacity: Int = 1 << 20
    ) {
        self.format = format
        self.counters = counters
        self.capacity = capacity
    }

    /// Whether a line tells the time.
    public var tellsTime: Bool { format != .inspect }

    /// Appends one line.
    ///
    /// - Parameters:
    ///   - entry: what happened.
    ///   - bytes: what the parts of the entry lie in.
    ///   - time: the moment; read only by the formats that tell it.
    public func append(_ entry: AccessLogEntry, _ bytes: Span<UInt8>, at time: LogTime) {
        let start = pending.count
        switch format {
        case .inspect: pending.appendInspectLine(entry, bytes)
        case .combined: pending.appendCombinedLine(entry, bytes, local: stamp.local(time))
        case .json: pending.appendJSONLine(entry, bytes, utc: stamp.utc(time), time.milliseconds)
        }
        pending.append("\n")
        guard pending.count > capacity else {
            pendingLines += 1
            return
        }
        pending.truncate(to: start)
        drop(1)
    }

    /// Hands the waiting lines over to whoever writes them; those that find no room are dropped.
    ///
    /// - Parameters:
    ///   - memory: where they go; what it holds beyond `count` is free, and taken in exchange where `count` is 0.
    ///   - count: the bytes written there.
    ///   - room: how many more may be.
    /// - Returns: how many lines were handed over.
    public func handOver(to memory: inout [UInt8], _ count: inout Int, room: Int) -> Int {
        let lines = pendingLines
        if count == 0, pending.count <= room {
            pending.swapMemory(with: &memory, &count)
            pendingLines = 0
            return lines
        }
        let end = endOfLines(within: room)
        let needed = count + end
        if memory.count < needed {
            let added = max(needed - memory.count, memory.count)
            memory.append(contentsOf: repeatElement(0, count: added))
        }
        let source = pending.storage
        memory.replaceSubrange(count..<needed, with: source[..<end])
        count = needed
        let left = end == pending.count ? 0 : lineEnds(in: end..<pending.count)
        if left > 0 { drop(left) }
        forget()
        return lines - left
    }

    /// The length of the whole lines at the beginning that fit into `room` bytes.
    private func endOfLines(within room: Int) -> Int {
        guard pending.count > room else { return pending.count }
        var end = max(room, 0)
        while end > 0, pending.storage[end - 1] != UInt8(ascii: "\n") { end -= 1 }
        return end
    }

    private func lineEnds(in range: Range<Int>) -> Int {
        pending.storage[range].count { $0 == UInt8(ascii: "\n") }
    }

    /// Forgets everything that waits, because it is not wanted.
    public func forget() {
        pending.clear(keepingAtMost: 256 * 1024)
        pendingLines = 0
    }

    private func drop(_ lines: Int) {
        droppedLines += lines
        counters.logLinesDropped(lines)
    }

    /// Takes the number of dropped lines and starts counting anew.
    public func takeDropped() -> Int {
        defer { droppedLines = 0 }
        return droppedLines
    }
}
