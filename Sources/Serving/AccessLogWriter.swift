internal import Events
internal import HTTPMessages
internal import Logging
internal import Observability
internal import Proxying

/// Writes a worker's access-log lines when a turn of the loop ends, without ever waiting for the reader.
final class AccessLogWriter {
    private let sink: LogSink
    private let worker: ProxyWorker
    private let index: Int
    private let logger: Logger
    private var retry: Timer?
    private var complaints = RateLimit(.seconds(10))

    /// How long a reader that stalls is left alone when nothing else happens.
    private static let retryInterval = Duration.milliseconds(50)

    /// A writer of the lines of `worker`, which is the one at `index`, to `sink`.
    init(_ sink: LogSink, worker: ProxyWorker, index: Int, logger: Logger) {
        self.sink = sink
        self.worker = worker
        self.index = index
        self.logger = logger
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
        worker.accessLog.discard()
        complaints = RateLimit(.zero)
        reportDropped("the server stopped before they were taken")
    }

    private func reportDropped(_ reason: String) {
        guard worker.accessLog.dropped > 0, complaints.passes(at: worker.loop.now) else { return }
        logger.warning("access log: \(worker.accessLog.takeDropped()) lines dropped: \(reason)")
    }
}
