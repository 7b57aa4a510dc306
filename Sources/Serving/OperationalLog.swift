internal import Configuration
internal import Events
internal import HTTPMessages
internal import Logging
internal import Observability

/// Makes a line of each operational message, and leaves it to the thread that writes.
///
/// A line of text carries no time: whoever collects it (journald, a container's log driver) stamps it, and what else is
/// known stands in its words. A line of JSON carries the time, the level, the words, and the facts as fields.
struct OperationalLogHandler: LogHandler {
    private let writer: OperationalWriter
    private let style: OperationalStyle
    var metadata: Logger.Metadata = [:]

    init(_ writer: OperationalWriter, _ style: OperationalStyle) {
        self.writer = writer
        self.style = style
    }

    /// Of all copies of the logger at once, since a reload may change it.
    var logLevel: Logger.Level {
        get { Logger.Level(style.level) }
        set { style.level = LogLevel(newValue) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = event.metadata.map { metadata.merging($0) { _, new in new } } ?? metadata
        writer.put(Self.line(event.level, "\(event.message)", facts, as: style.format))
    }

    /// A line in the form that goes with a format of the access log.
    static func line(
        _ level: Logger.Level,
        _ message: String,
        _ facts: Logger.Metadata,
        as format: LogFormat
    ) -> [UInt8] {
        switch format {
        case .inspect, .combined: text(level, message)
        case .json: json(level, message, facts, at: LogTime.now())
        }
    }

    /// A line of text.
    static func text(_ level: Logger.Level, _ message: String) -> [UInt8] {
        let prefix =
            switch level {
            case .trace, .debug, .info, .notice: ""
            case .warning: "warning: "
            case .error, .critical: "error: "
            }
        // A message is one line, whatever a peer or the system put into it.
        let words = message.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return Array("swerve: \(prefix)\(words.joined(separator: " "))\n".utf8)
    }

    /// A line of JSON.
    static func json(
        _ level: Logger.Level,
        _ message: String,
        _ facts: Logger.Metadata,
        at time: LogTime
    ) -> [UInt8] {
        let line = ByteWriter(capacity: 256)
        line.append("{\"ts\":\"")
        line.append(utc: time)
        line.append("\",\"level\":")
        line.append(jsonString: name(of: level))
        line.append(",\"msg\":")
        line.append(jsonString: message)
        for (key, value) in facts.sorted(by: { $0.key < $1.key }) {
            line.append(",")
            line.append(jsonString: key)
            line.append(":")
            line.append(jsonString: "\(value)")
        }
        line.append("}\n")
        return line.bytes
    }

    /// The word for a level, of those that `--log-level` takes.
    private static func name(of level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "debug"
        case .info, .notice: "info"
        case .warning: "warning"
        case .error, .critical: "error"
        }
    }
}

extension LogTime {
    /// The present.
    static func now() -> LogTime {
        var clock = WallClock()
        let reading = clock.read()
        return LogTime(
            seconds: reading.seconds,
            milliseconds: reading.milliseconds,
            utcOffset: reading.utcOffset
        )
    }
}

extension Logger {
    /// The logger of a running server, which follows `style`.
    static func operational(_ writer: OperationalWriter, _ style: OperationalStyle) -> Logger {
        Logger(label: "swerve") { _ in OperationalLogHandler(writer, style) }
    }
}

extension Logger.Level {
    /// The level of the least serious message that passes at `level`.
    init(_ level: LogLevel) {
        self =
            switch level {
            case .debug: .debug
            case .info: .info
            case .warning: .warning
            case .error: .error
            }
    }
}

/// Lets a message that could repeat without end through once in a while.
struct RateLimit {
    private let interval: UInt64
    private var last: LoopTime?

    /// Lets one message through in each `interval`.
    init(_ interval: Duration) {
        self.interval = interval.nanoseconds
    }

    /// Whether a message may pass now.
    mutating func passes(at now: LoopTime) -> Bool {
        if let last, now.nanoseconds(since: last) < interval { return false }
        last = now
        return true
    }
}
