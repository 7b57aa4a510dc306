import Glibc
import Synchronization

/// How a process ended.
public enum ProcessEnding: Sendable, Equatable {
    /// It returned this code.
    case code(Int32)
    /// This signal ended it.
    case signal(Int32)
}

/// A signal the suite sends.
public enum Signal: Int32, Sendable {
    /// SIGHUP
    case hangUp = 1
    /// SIGINT
    case interrupt = 2
    /// SIGQUIT
    case quit = 3
    /// SIGKILL
    case kill = 9
    /// SIGUSR1
    case user1 = 10
    /// SIGUSR2
    case user2 = 12
    /// SIGTERM
    case terminate = 15
    /// SIGCONT
    case resume = 18
    /// SIGSTOP
    case freeze = 19
}

/// What a process wrote to one of its streams, as it arrives.
public final class OutputLog: Sendable {
    struct Content: Sendable {
        var bytes: [UInt8] = []
        var isFinished = false
    }

    let content = Monitor(Content())

    /// Everything so far.
    public var text: String { content.read { String(decoding: $0.bytes, as: UTF8.self) } }

    /// The complete lines so far.
    public var lines: [String] { content.read { Self.lines(of: $0.bytes) } }

    /// Waits for a line that satisfies `predicate`; `nil` when the time is up or the stream ended without one.
    public func waitForLine(
        within limit: Duration = Deadline.patience,
        where predicate: (String) -> Bool
    ) -> String? {
        let found: String?? = content.wait(until: .after(limit)) { content in
            if let line = Self.lines(of: content.bytes).first(where: predicate) { return .some(line) }
            return content.isFinished ? .some(nil) : nil
        }
        return found ?? nil
    }

    /// Waits until the stream has ended.
    public func waitForEnd(within limit: Duration = Deadline.patience) -> Bool {
        content.wait(until: .after(limit)) { $0.isFinished ? true : nil } ?? false
    }

    private static func lines(of bytes: [UInt8]) -> [String] {
        var pieces = bytes.split(separator: 10, omittingEmptySubsequences: false)
        // What follows the last line feed is not a line yet.
        pieces.removeLast()
        return pieces.map { String(decoding: $0, as: UTF8.self) }
    }

    func follow(_ descriptor: Int32) {
        onNewThread { [content] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count > 0 {
                    content.access { $0.bytes.append(contentsOf: buffer[..<count]) }
                } else if count == 0 || errno != EINTR {
                    break
                }
            }
            close(descriptor)
            content.access { $0.isFinished = true }
        }
    }
}

/// A process the suite started, with its output read by threads and its end waited for.
public final class ChildProcess: Sendable {
    /// What happens to the standard output.
    public enum OutputMode: Sendable {
        /// A thread reads it.
        case captured
        /// It goes into a pipe nobody reads.
        case unread
        /// It goes into a pipe whose reader has gone away.
        case closed
    }

    /// The process id; valid until the exit status has been read.
    public let pid: Int32
    /// The standard output.
    public let output = OutputLog()
    /// The standard error.
    public let errors = OutputLog()
    private let exit = Monitor<ProcessEnding?>(nil)
    private let unreadOutput: Int32?

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - executable: A path, or a name to look up in `PATH`.
    ///   - arguments: The arguments after the name.
    ///   - environment: Variables added to those of the suite.
    ///   - input: What the program reads from its standard input.
    ///   - outputMode: Whether anybody reads its standard output.
    /// - Throws: ``SocketError`` with the system's words.
    public init(
        _ executable: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        input: [UInt8] = [],
        output outputMode: OutputMode = .captured
    ) throws {
        _ = Self.ignoreBrokenPipes
        let (standardInput, standardOutput, standardError) = try inheritance.withLock { _ in
            try (Self.makePipe(), Self.makePipe(), Self.makePipe())
        }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardInput.reading, 0)
        posix_spawn_file_actions_adddup2(&actions, standardOutput.writing, 1)
        posix_spawn_file_actions_adddup2(&actions, standardError.writing, 2)

        // The suite ignores SIGPIPE and an ignored signal survives exec: a child must not be spared by accident.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        // Settings of the machine the suite runs on must not reach a balancer under test.
        var variables = Self.currentEnvironment.filter { !$0.key.hasPrefix("SWERVE_") }
        variables.merge(environment) { $1 }
        var argv = ([executable] + arguments).map { strdup($0) } + [nil]
        var envp = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var child: pid_t = 0
        let code = inheritance.withLock { _ in
            posix_spawnp(&child, executable, &actions, &attributes, &argv, &envp)
        }

        close(standardInput.reading)
        close(standardOutput.writing)
        close(standardError.writing)
        guard code == 0 else {
            [standardInput.writing, standardOutput.reading, standardError.reading].forEach { close($0) }
            throw SocketError(operation: "start \(executable)", code: code)
        }
        pid = child
        switch outputMode {
        case .captured:
            unreadOutput = nil
            output.follow(standardOutput.reading)
        case .unread:
            unreadOutput = standardOutput.reading
        case .closed:
            unreadOutput = nil
            close(standardOutput.reading)
        }
        errors.follow(standardError.reading)
        Self.feed(input, into: standardInput.writing)
        reap()
    }

    deinit {
        signal(.kill)
        if let unreadOutput { close(unreadOutput) }
    }

    /// How the process ended; `nil` while it runs.
    public var exitStatus: ProcessEnding? { exit.read { $0 } }

    /// Sends a signal; nothing happens when the process has ended, so a recycled id is never hit.
    public func signal(_ signal: Signal) {
        exit.read { status in
            if status == nil { kill(pid, signal.rawValue) }
        }
    }

    /// Waits for the end; `nil` when the time is up.
    public func waitForExit(within limit: Duration = Deadline.patience) -> ProcessEnding? {
        exit.wait(until: .after(limit)) { $0 }
    }

    private func reap() {
        onNewThread { [pid, exit] in
            // Wait first, collect under the lock: the id stays ours for as long as a signal may be sent to it.
            var information = siginfo_t()
            while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
            exit.access { result in
                var status: Int32 = 0
                waitpid(pid, &status, 0)
                let signal = status & 0x7F
                result = signal == 0 ? .code((status >> 8) & 0xFF) : .signal(signal)
            }
        }
    }

    private static func feed(_ input: [UInt8], into descriptor: Int32) {
        guard !input.isEmpty else {
            close(descriptor)
            return
        }
        onNewThread {
            input.withUnsafeBytes { bytes in
                var offset = 0
                while offset < bytes.count {
                    let count = write(descriptor, bytes.baseAddress.map { $0 + offset }, bytes.count - offset)
                    if count < 0 { break }
                    offset += count
                }
            }
            close(descriptor)
        }
    }

    private static let ignoreBrokenPipes: Void = {
        _ = Glibc.signal(SIGPIPE, SIG_IGN)
    }()

    private static func makePipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw SocketError(operation: "pipe", code: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static let currentEnvironment: [String: String] = {
        let bytes = (try? readWholeFile("/proc/self/environ")) ?? []
        let pairs = bytes.split(separator: 0).map { entry -> (String, String) in
            let parts = entry.split(separator: 61, maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : ""
            return (String(decoding: parts[0], as: UTF8.self), value)
        }
        return Dictionary(pairs) { first, _ in first }
    }()

    /// A variable of the suite's own environment.
    public static func variable(_ name: String) -> String? { currentEnvironment[name] }
}

/// A whole file, also one of `/proc`, which has no size.
public func readWholeFile(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SocketError(operation: "open \(path)", code: errno) }
    defer { close(descriptor) }
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return result }
        result.append(contentsOf: buffer[..<count])
    }
}
