/// A length of time in a loop's terms: whole nanoseconds, zero or more.
///
/// `Duration` counts attoseconds in 128 bits, and a request moves several deadlines; so what is configured is
/// converted once.
public struct LoopInterval: Comparable, Sendable {
    /// The length in nanoseconds.
    public let nanoseconds: UInt64

    /// No time, which mostly stands for a limit that is off.
    public static let zero = LoopInterval(nanoseconds: 0)

    /// An interval from its nanoseconds.
    @inlinable
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// As long as `duration`, at least zero.
    public init(_ duration: Duration) {
        nanoseconds = duration.nanoseconds
    }

    /// So many seconds; none when the number is negative.
    public static func seconds(_ count: Int) -> LoopInterval {
        LoopInterval(nanoseconds: UInt64(max(count, 0)) * 1_000_000_000)
    }

    /// So many milliseconds; none when the number is negative.
    public static func milliseconds(_ count: Int) -> LoopInterval {
        LoopInterval(nanoseconds: UInt64(max(count, 0)) * 1_000_000)
    }

    /// The shorter one comes first.
    @inlinable
    public static func < (left: LoopInterval, right: LoopInterval) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// What is left of `left` after `right`, at least zero.
    public static func - (left: LoopInterval, right: LoopInterval) -> LoopInterval {
        LoopInterval(nanoseconds: left > right ? left.nanoseconds - right.nanoseconds : 0)
    }
}
