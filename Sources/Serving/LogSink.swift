internal import Events
internal import Synchronization

/// The access log's file or pipe, shared by all workers without mixing their lines, and without waiting for one another.
///
/// A worker takes the sink for one write. A pipe may take half a line; then the worker keeps the sink until the rest of
/// its line is written.
final class LogSink: Sendable {
    private let output: OutputSink
    /// The worker that has the sink, or `nobody`.
    private let owner = Atomic<Int>(nobody)

    private static let nobody = -1

    /// A sink that writes to `output`.
    init(_ output: OutputSink) {
        self.output = output
    }

    /// Writes as much of a worker's lines as is taken at once; nothing while another worker has the sink.
    ///
    /// - Parameters:
    ///   - lines: whole lines, but for the first one if its beginning was written before, and memory behind them.
    ///   - length: how many bytes the lines take.
    ///   - worker: whose lines they are.
    /// - Returns: how many bytes were written, or why none ever will be.
    func write(_ lines: [UInt8], _ length: Int, of worker: Int) -> OutputSink.Outcome {
        let (taken, previous) = owner.compareExchange(
            expected: Self.nobody,
            desired: worker,
            ordering: .acquiring
        )
        guard taken || previous == worker else { return .written(0) }
        let outcome = output.write(lines.span.extracting(..<length))
        if case .written(let count) = outcome {
            // Nothing written leaves the sink as it was found: free, or held for the rest of a line.
            if count == 0, !taken { return outcome }
            if count > 0, lines[count - 1] != UInt8(ascii: "\n") { return outcome }
        }
        owner.store(Self.nobody, ordering: .releasing)
        return outcome
    }
}
