internal import Events

/// The access log's file or pipe and what of a line stands at its end.
///
/// Lines come one after the other, so that a line that was begun is ended before the next one, or left torn and ended by
/// force.
struct LogStream {
    private var output: OutputSink
    /// The output ends inside a line whose rest is lost.
    private var isTorn: Bool
    /// The output ends inside a line whose rest is still to come.
    private(set) var isInsideLine = false

    private static let lineEnd: [UInt8] = [UInt8(ascii: "\n")]

    /// A stream to `output`, which may end inside a line of another process.
    ///
    /// - Parameters:
    ///   - output: where lines go.
    ///   - former: what was written to before, and may be the same pipe.
    init(_ output: OutputSink, after former: LogStream? = nil) {
        self.output = output
        let isTornPipe = former.map { $0.isTorn && $0.output.isSameFile(as: output) } ?? false
        isTorn = isTornPipe || output.endsInsideLine
    }

    /// Leaves a line that was begun as it is: its rest is lost.
    mutating func abandonLine() {
        if isInsideLine { isTorn = true }
        isInsideLine = false
    }

    /// Writes as much of `lines` as is taken at once.
    ///
    /// - Parameter lines: whole lines, but for the first one if its beginning was written before.
    /// - Returns: how many bytes were written, or why none of them will be.
    mutating func write(_ lines: Span<UInt8>) -> OutputSink.Outcome {
        if isTorn {
            let outcome = output.write(Self.lineEnd.span)
            guard outcome == .written(1) else { return outcome }
            isTorn = false
        }
        let outcome = output.write(lines)
        switch outcome {
        case .written(let count):
            if count > 0 { isInsideLine = lines[count - 1] != UInt8(ascii: "\n") }
        case .failed:
            // The rest of a line that was begun is dropped, and the next line must not join it.
            abandonLine()
        }
        return outcome
    }
}
