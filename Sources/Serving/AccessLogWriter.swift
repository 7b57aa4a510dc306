internal import Events
internal import HTTPMessages
internal import Observability
internal import Proxying

/// Writes a worker's access-log lines when a turn of the loop ends, without ever waiting for the reader.
final class AccessLogWriter {
    private let sink: LogSink
    private let worker: ProxyWorker
    private let index: Int
    private let faults: FaultLog
    private var retry: Timer?
    /// Why lines were dropped last.
    private var reason = ""

    /// How long a reader that stalls is left alone when nothing else happens.
    private static let retryInterval = Duration.milliseconds(50)

    /// A writer of the lines of `worker`, which is the one at `index`, to `sink`.
    init(_ sink: LogSink, worker: ProxyWorker, index: Int, faults: FaultLog) {
        self.sink = sink
        self.worker = worker
        self.index = index
        self.faults = faults
        retry = Timer(on: worker.loop) { [unowned self] in write() }
    }

    /// Writes what is there.
    func write() {
        let pending = worker.accessLog.pending
        guard !pending.isEmpty else { return }
        switch sink.write(pending.storage, pending.count, of: index) {
        case .written(let count):
            worker.accessLog.didWrite(count)
            if !worker.accessLog.pending.isEmpty { retry?.start(after: Self.retryInterval) }
            reportDropped("its reader is too slow")
        case .failed(let code):
            worker.accessLog.discard()
            reportDropped(SystemError.text(code))
        }
    }

    /// Writes what is there.
    ///
    /// - Returns: whether nothing is left.
    func writeAll() -> Bool {
        write()
        return worker.accessLog.pending.isEmpty
    }

    /// Gives up what is left at the end, and says how much was lost.
    func finish() {
        if !worker.accessLog.pending.isEmpty { reason = "the server stopped before they were taken" }
        worker.accessLog.discard()
        reportDropped(reason, isLast: true)
    }

    private func reportDropped(_ reason: String, isLast: Bool = false) {
        guard worker.accessLog.dropped > 0 || isLast && !reason.isEmpty else { return }
        self.reason = reason
        faults.report(.accessLog, count: worker.accessLog.takeDropped(), isLast: isLast) {
            "access log: lines dropped: \($0): \(reason)"
        }
    }
}
