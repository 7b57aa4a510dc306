/// How long each phase may take; zero turns a limit off where its comment says so.
public struct TimeoutConfiguration: Sendable, Equatable {
    /// A TCP connect to a backend.
    ///
    /// Default 3 s; at least 1 ms.
    public var connect: Duration = .seconds(3)
    /// All connects of one request together, at one backend after the other.
    ///
    /// Default 10 s; zero is off. What is shorter than `connect` counts as that.
    public var connectTotal: Duration = .seconds(10)
    /// From the request sent to the end of the answer's head.
    ///
    /// Default 60 s; zero is off.
    public var response: Duration = .seconds(60)
    /// The gap between two reads of an answer's body.
    ///
    /// Default 60 s; zero is off.
    public var read: Duration = .seconds(60)
    /// From the first byte of a request to the end of its head, in total.
    ///
    /// Default 10 s; zero is off.
    public var clientHeader: Duration = .seconds(10)
    /// The gap between two reads of a request's body, and between two writes to a client that stopped
    /// reading.
    ///
    /// Default 30 s; zero is off.
    public var clientBody: Duration = .seconds(30)
    /// The time a client connection may rest between two requests.
    ///
    /// Default 75 s; zero is off.
    public var clientIdle: Duration = .seconds(75)
    /// The time an upgraded connection may rest.
    ///
    /// Default 1 h; zero is off.
    public var tunnel: Duration = .seconds(3600)
    /// The time the listeners stay open after a stop was asked for.
    ///
    /// Default 0, which closes them at once.
    public var drainDelay: Duration = .zero
    /// The time in-flight exchanges get to finish after a stop was asked for.
    ///
    /// Default 30 s; zero cuts at once.
    public var drain: Duration = .seconds(30)

    /// The defaults.
    public init() {}
}
