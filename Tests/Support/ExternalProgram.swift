import Glibc

/// A program of the machine that the suite drives: curl, wrk, python3.
public struct ExternalProgram: Sendable {
    /// What a run left behind.
    public struct Outcome: Sendable {
        /// How it ended; `nil` when it had to be killed at the deadline.
        public let status: ProcessEnding?
        /// Its standard output.
        public let output: String
        /// Its standard error.
        public let errors: String
    }

    /// Where it is.
    public let path: String

    /// Finds a program in `PATH`; `nil` when the machine has none.
    public init?(_ name: String) {
        let folders = (ChildProcess.variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        let candidates = folders.map { folder in String("\(folder)/\(name)") }
        guard let path = candidates.first(where: { candidate in access(candidate, X_OK) == 0 }) else {
            return nil
        }
        self.path = path
    }

    /// Starts it and leaves it running.
    public func start(_ arguments: [String]) throws -> ChildProcess {
        try ChildProcess(path, arguments)
    }

    /// Runs it to its end, or to the deadline.
    public func run(
        _ arguments: [String],
        input: [UInt8] = [],
        within limit: Duration = .seconds(120)
    ) throws -> Outcome {
        let process = try ChildProcess(path, arguments, input: input)
        let status = process.waitForExit(within: limit)
        if status == nil { process.signal(.kill) }
        // A grandchild that kept the pipe open must not hold the suite, so the end of output has a limit of its own.
        _ = process.output.waitForEnd(within: .seconds(20))
        _ = process.errors.waitForEnd(within: .seconds(20))
        return Outcome(status: status, output: process.output.text, errors: process.errors.text)
    }
}
