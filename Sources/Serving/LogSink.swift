internal import Events
internal import Synchronization

/// The access log's file or pipe, shared by all workers without mixing their lines, and without waiting for one another.
///
/// A worker takes the sink for one write. A pipe may take half a line; then the worker keeps the sink until the rest of
/// its line is written. Another file takes the place of the present one between two lines only.
final class LogSink: Sendable {
    /// Where lines go, or `nil` when the log is off; changed only by whoever has the sink.
    private let output: Mutex<OutputSink?>
    /// The worker that has the sink, or `nobody`.
    private let owner = Atomic<Int>(nobody)

    private static let nobody = -1
    /// Who has the sink while its output is replaced.
    private static let replacer = -2

    /// A sink that writes to `output`.
    init(_ output: OutputSink?) {
        self.output = Mutex(output)
    }

    /// Puts another output in the place of the present one.
    ///
    /// - Returns: `false` when a worker is in the middle of a line.
    func replace(with next: OutputSink?) -> Bool {
        let (taken, _) = owner.compareExchange(
            expected: Self.nobody,
            desired: Self.replacer,
            ordering: .acquiring
        )
        guard taken else { return false }
        output.withLock { $0 = next }
        owner.store(Self.nobody, ordering: .releasing)
        return true
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
        let outcome = output.withLock { $0 }?.write(lines.span.extracting(..<length)) ?? .written(length)
        if case .written(let count) = outcome {
            // Nothing written leaves the sink as it was found: free, or held for the rest of a line.
            if count == 0, !taken { return outcome }
            if count > 0, lines[count - 1] != UInt8(ascii: "\n") { return outcome }
        }
        owner.store(Self.nobody, ordering: .releasing)
        return outcome
    }
}
