internal import CEventShims
internal import CLibevent
internal import Glibc

/// A point on the monotonic clock.
public struct LoopTime: Comparable, Sendable {
    /// Nanoseconds since an arbitrary start.
    public let nanoseconds: UInt64

    /// A point from its nanoseconds.
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// The present. (`clock_gettime`, `CLOCK_MONOTONIC`)
    public static func current() -> LoopTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return LoopTime(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    /// Seconds since 1970 by the wall clock, coarse. (`clock_gettime`, `CLOCK_REALTIME_COARSE`)
    public static func wallSeconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return time.tv_sec
    }

    /// Seconds since 1970 by the wall clock, with their fraction. (`clock_gettime`, `CLOCK_REALTIME`)
    public static func wallTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The earlier one comes first.
    public static func < (left: LoopTime, right: LoopTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// Nanoseconds from `earlier` to here, zero if it is later.
    public func nanoseconds(since earlier: LoopTime) -> UInt64 {
        nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0
    }
}

extension Duration {
    /// The duration in nanoseconds, at least zero.
    public var nanoseconds: UInt64 {
        guard self > .zero else { return 0 }
        let parts = components
        return UInt64(parts.seconds) * 1_000_000_000 + UInt64(parts.attoseconds / 1_000_000_000)
    }
}
