/// How backends are probed.
public struct HealthConfiguration: Sendable, Equatable {
    /// The target of a probe, in origin form.
    ///
    /// Default `/`.
    public var path = "/"
    /// The method of a probe.
    ///
    /// Default `HEAD`; a backend that answers it with 405 or 501 is asked with `GET` from then on.
    public var method = "HEAD"
    /// The time between two probes of one backend in a settled state.
    ///
    /// Default 10 s; zero turns probing off.
    public var interval: Duration = .seconds(10)
    /// The time a probe may take from connect to the end of the answer's head.
    ///
    /// Default 2 s.
    public var timeout: Duration = .seconds(2)
    /// How many good probes in a row bring a backend back.
    ///
    /// Default 2, at least 1.
    public var rise = 2
    /// How many failures in a row take a backend out.
    ///
    /// Default 3, at least 1.
    public var fall = 3
    /// The statuses that count as good.
    ///
    /// Default 200 to 399.
    public var expectedStatus = StatusRanges([200...399])

    /// The defaults.
    public init() {}

    /// Whether backends are probed at all.
    public var isProbing: Bool { interval != .zero }
}

/// A set of HTTP status codes, written as `200-399` or `200,204,301-302`.
public struct StatusRanges: Sendable, Equatable {
    /// The ranges in the order written; each within 100 to 599.
    public let ranges: [ClosedRange<Int>]

    /// A set from its ranges.
    public init(_ ranges: [ClosedRange<Int>]) {
        self.ranges = ranges
    }

    /// Whether `status` is in the set.
    public func contains(_ status: Int) -> Bool {
        ranges.contains { $0.contains(status) }
    }
}
