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
        guard pending.count > capacity else { return }
        pending.truncate(to: start)
        drop(1)
    }

    /// Forgets the first `count` bytes, which were written.
    public func didWrite(_ count: Int) {
        if count == pending.count {
            pending.clear(keepingAtMost: 256 * 1024)
        } else if count > 0 {
            pending.removeFirst(count)
        }
    }

    /// Forgets everything that waits, because it cannot be written, and counts its lines as dropped.
    public func discard() {
        drop(pending.bytes.count { $0 == UInt8(ascii: "\n") })
        pending.clear(keepingAtMost: 256 * 1024)
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
