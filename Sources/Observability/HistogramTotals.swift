/// A histogram of durations at one moment.
public struct HistogramTotals: Sendable {
    /// The upper bounds of the buckets.
    public let bounds: HistogramBounds
    /// How many values fell into each bucket, not cumulated; one more than there are bounds.
    public var counts: [UInt64]
    /// The sum of all values in nanoseconds.
    public var nanoseconds: UInt64 = 0

    /// An empty histogram.
    public init(_ bounds: HistogramBounds) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.nanoseconds.count + 1)
    }

    /// The number of values.
    public var count: UInt64 { counts.reduce(0, +) }

    /// Adds one value.
    public mutating func record(_ value: UInt64) {
        counts[bounds.bucket(of: value)] += 1
        nanoseconds += value
    }
}

/// The upper bounds of a histogram's buckets, in nanoseconds.
public struct HistogramBounds: Sendable, Equatable {
    /// The bounds, rising; a value equal to a bound belongs to it.
    public let nanoseconds: [UInt64]

    /// 1, 2.5, 5, 10, 25, 50, 100, 250 and 500 ms, 1, 2.5, 5, 10, 30 and 60 s.
    public static let request = HistogramBounds(milliseconds: [
        1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000,
    ])
    /// 1, 5, 10, 50, 100 and 500 ms, 1, 2 and 5 s.
    public static let probe = HistogramBounds(milliseconds: [1, 5, 10, 50, 100, 500, 1_000, 2_000, 5_000])

    private init(milliseconds: [Double]) {
        nanoseconds = milliseconds.map { UInt64($0 * 1_000_000) }
    }

    /// The bucket of a value; the last one is beyond every bound.
    public func bucket(of value: UInt64) -> Int {
        var index = 0
        while index < nanoseconds.count, nanoseconds[index] < value { index += 1 }
        return index
    }
}
