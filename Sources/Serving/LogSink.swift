internal import Events
internal import Synchronization

/// The access log's file or pipe, shared by all workers without mixing their lines.
///
/// A pipe may take half a line. Then only the worker whose line it is may write, until the line is whole.
final class LogSink: Sendable {
    private let output: OutputSink
    private let owner = Mutex<Int?>(nil)

    /// A sink that writes to `output`.
    init(_ output: OutputSink) {
        self.output = output
    }

    /// Writes as much of a worker's lines as is taken at once.
    ///
    /// - Parameters:
    ///   - lines: whole lines, but for the first one if its beginning was written before, and memory behind them.
    ///   - length: how many bytes the lines take.
    ///   - worker: whose lines they are.
    /// - Returns: how many bytes were written, or why none ever will be.
    func write(_ lines: [UInt8], _ length: Int, of worker: Int) -> OutputSink.Outcome {
        owner.withLock { owner in
            if let current = owner, current != worker { return .written(0) }
            let outcome = output.write(lines.span.extracting(..<length))
            if case .written(let count) = outcome, count > 0, lines[count - 1] != UInt8(ascii: "\n") {
                owner = worker
            } else if outcome != .written(0) {
                owner = nil
            }
            return outcome
        }
    }
}
