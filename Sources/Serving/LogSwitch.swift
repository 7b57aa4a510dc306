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

    /// A switch that begins at `destination`.
    ///
    /// - Throws: when that cannot be opened.
    init(_ destination: AccessLogDestination, logger: Logger) throws(EventError) {
        self.destination = destination
        self.logger = logger
        sink = try LogSink(Self.open(destination), logger: logger)
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
        sink.reopen(path)
    }

    /// Moves to another destination, which is open already.
    func move(to destination: AccessLogDestination, _ output: OutputSink?) {
        self.destination = destination
        sink.change(to: output, "access log moved to \(destination)")
    }
}
