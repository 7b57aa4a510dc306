/// Where access-log lines go.
public enum AccessLogDestination: Sendable, Equatable {
    /// Standard output, the default.
    case standardOutput
    /// Nowhere: no line is even formatted.
    case off
    /// Appended to the file at this path.
    case file(String)
}

/// How an access-log line is written.
public enum LogFormat: String, Sendable, CaseIterable {
    /// `[INSPECT] Method: … | Path: … | User-Agent: … | Client: …`
    case inspect
    /// The combined format of Apache and nginx.
    case combined
    /// One JSON object a line.
    case json
}

/// How serious an operational message is, the least serious first.
public enum LogLevel: String, Sendable, CaseIterable {
    /// What only helps to find a fault in Swerve itself.
    case debug
    /// What an operator wants to read afterwards: starts, stops, backends that come and go.
    case info
    /// What may need attention.
    case warning
    /// What is broken.
    case error
}
