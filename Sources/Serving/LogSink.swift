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
    /// The output ends inside a line that nobody will finish; touched only by whoever has the sink.
    private let isTorn: Atomic<Bool>

    private static let nobody = -1
    /// Who has the sink while its output is replaced.
    private static let replacer = -2

    /// A sink that writes to `output`.
    init(_ output: OutputSink?) {
        self.output = Mutex(output)
        isTorn = Atomic(output?.endsInsideLine == true)
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
        isTorn.store(next?.endsInsideLine == true, ordering: .relaxed)
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
        let output = output.withLock { $0 }
        let outcome = isTorn.load(ordering: .relaxed) ? endTornLine(on: output) : nil
        let written = outcome ?? output?.write(lines.span.extracting(..<length)) ?? .written(length)
        switch written {
        case .written(let count):
            // Nothing written leaves the sink as it was found: free, or held for the rest of a line.
            if count == 0, !taken { return written }
            if count > 0, lines[count - 1] != UInt8(ascii: "\n") { return written }
        case .failed:
            // The rest of a line that was begun is dropped with everything else, and the next line must not join it.
            if !taken { isTorn.store(true, ordering: .relaxed) }
        }
        owner.store(Self.nobody, ordering: .releasing)
        return written
    }

    /// Ends the line that was left torn, so that the next one begins at a start.
    ///
    /// - Returns: why nothing else can be written yet; `nil` when the line is ended.
    private func endTornLine(on output: OutputSink?) -> OutputSink.Outcome? {
        let lineEnd: [UInt8] = [UInt8(ascii: "\n")]
        let outcome = output?.write(lineEnd.span) ?? .written(1)
        guard outcome == .written(1) else { return outcome }
        isTorn.store(false, ordering: .relaxed)
        return nil
    }
}
