internal import Events
internal import HTTPMessages
internal import Observability
internal import Proxying

/// Hands a worker's access-log lines to the thread that writes them, once a turn of the loop.
final class AccessLogWriter {
    private let sink: LogSink
    private let log: AccessLog
    private let queue: LogQueue

    /// A writer of the lines of `worker` to `sink`.
    init(_ sink: LogSink, worker: Proxy, faults: FaultLog) {
        self.sink = sink
        log = worker.accessLog
        queue = LogQueue(counters: worker.counters, faults: faults)
        sink.enlist(queue)
    }

    /// Hands over what is there.
    func write() {
        guard !log.pending.isEmpty || log.dropped > 0 else { return }
        guard sink.isOn else { return log.forget() }
        queue.put(log)
        sink.wake()
    }

    /// Hands over what is there, and has it written without delay.
    ///
    /// - Returns: whether everything is written.
    func writeAll() -> Bool {
        write()
        if !sink.isOn || queue.isEmpty { return true }
        sink.hurry()
        return false
    }

    /// Gives up what is left at the end, and says how much was lost.
    func finish() {
        queue.giveUp()
    }
}
