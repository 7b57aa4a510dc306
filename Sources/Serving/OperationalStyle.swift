internal import Configuration
internal import Logging
internal import Synchronization

/// What of the operational log a reload may change: read by every copy of the logger, on any thread.
final class OperationalStyle: Sendable {
    private let state: Mutex<(format: LogFormat, level: LogLevel)>

    /// The style that a configuration asks for.
    init(_ configuration: ServerConfiguration) {
        state = Mutex((configuration.logFormat, configuration.logLevel))
    }

    /// How messages are written: as JSON when the access log is, else as text.
    var format: LogFormat { state.withLock { $0.format } }

    /// The least serious message that is written.
    var level: LogLevel {
        get { state.withLock { $0.level } }
        set { state.withLock { $0.level = newValue } }
    }

    /// Follows another configuration.
    func follow(_ configuration: ServerConfiguration) {
        state.withLock { $0 = (configuration.logFormat, configuration.logLevel) }
    }
}

extension LogLevel {
    /// The level that comes nearest.
    init(_ level: Logger.Level) {
        self =
            switch level {
            case .trace, .debug: .debug
            case .info, .notice: .info
            case .warning: .warning
            case .error, .critical: .error
            }
    }
}
