/// How large things may become.
public struct LimitConfiguration: Sendable, Equatable {
    /// Bytes of a request or response head, start line included.
    ///
    /// Default 64 KiB; 1 KiB to 1 MiB.
    public var maxHeaderSize = 65_536
    /// Field lines of a head.
    ///
    /// Default 100; 1 to 1000.
    public var maxHeaders = 100
    /// Bytes of a request body.
    ///
    /// Default 0, which is unlimited.
    public var maxBody = 0
    /// Client connections at a time; `nil` derives the number from the descriptor limit.
    public var maxConnections: Int?

    /// The defaults.
    public init() {}
}
