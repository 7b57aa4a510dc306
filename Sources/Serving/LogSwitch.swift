internal import Configuration
internal import Events
internal import Logging

/// Decides where the access log goes: opens it anew when whoever rotates logs has renamed the file, and moves it when a
/// reload says so.
final class LogSwitch {
    /// What the workers write to.
    let sink: LogSink
    private var destination: AccessLogDestination
    private let logger: Logger
    private var timer: Timer?
    private var pending: Change?

    /// An output that waits for the end of a line.
    private struct Change {
        let output: OutputSink?
        let message: String
        var attempts = 0
    }

    /// How often, and how far apart, it is tried while a worker is in the middle of a line.
    private static let maxAttempts = 200
    private static let pause = Duration.milliseconds(10)

    /// A switch that begins at `destination`.
    ///
    /// - Throws: when that cannot be opened.
    init(_ destination: AccessLogDestination, on loop: EventLoop, logger: Logger) throws(EventError) {
        self.destination = destination
        self.logger = logger
        sink = LogSink(try Self.open(destination))
        timer = Timer(on: loop) { [unowned self] in attempt() }
    }

    /// Opens a destination.
    ///
    /// - Throws: when the file cannot be opened.
    static func open(_ destination: AccessLogDestination) throws(EventError) -> OutputSink? {
        switch destination {
        case .off: nil
        case .standardOutput: .standardOutput()
        case .file(let path): try .file(path)
        }
    }

    /// Opens the file anew; when that fails, the old one is written on.
    func reopen() {
        guard case .file(let path) = destination else {
            return logger.notice("SIGUSR1 does nothing here: the access log is not a file")
        }
        do {
            change(to: try Self.open(destination), "access log opened anew: \(path)")
        } catch {
            logger.error("access log goes on in the old file: \(error)", metadata: ["path": "\(path)"])
        }
    }

    /// Moves to another destination, which is open already.
    func move(to destination: AccessLogDestination, _ output: OutputSink?) {
        self.destination = destination
        change(to: output, "access log moved to \(destination)")
    }

    private func change(to output: OutputSink?, _ message: String) {
        pending = Change(output: output, message: message)
        attempt()
    }

    private func attempt() {
        guard var change = pending else { return }
        change.attempts += 1
        pending = change
        if sink.replace(with: change.output) {
            pending = nil
            logger.notice("\(change.message)")
        } else if change.attempts < Self.maxAttempts {
            timer?.start(after: Self.pause)
        } else {
            pending = nil
            logger.error("access log goes on where it was: a line is stuck half-way in it")
        }
    }
}
