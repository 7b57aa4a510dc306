internal import CEventShims
internal import CLibevent
internal import Glibc

/// The wall clock with this machine's time zone, read without asking the system for the zone each time.
public struct WallClock {
    /// A moment.
    public struct Reading: Sendable, Equatable {
        /// Seconds since 1970.
        public let seconds: Int
        /// Milliseconds of the second.
        public let milliseconds: Int
        /// How far the local time is ahead of UTC, in seconds.
        public let utcOffset: Int
    }

    /// Zones change their offset at full quarters of an hour.
    private static let quarter = 900
    private var knownQuarter: Int?
    private var offset = 0

    /// A clock that knows no zone yet.
    public init() {}

    /// The present. (`clock_gettime`, `CLOCK_REALTIME`)
    public mutating func read() -> Reading {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        if knownQuarter != time.tv_sec / Self.quarter { findOffset(at: time.tv_sec) }
        return Reading(seconds: time.tv_sec, milliseconds: time.tv_nsec / 1_000_000, utcOffset: offset)
    }

    /// Asks for the zone's offset. (`localtime_r`)
    @inline(never)
    private mutating func findOffset(at seconds: Int) {
        var seconds = seconds
        var parts = tm()
        knownQuarter = seconds / Self.quarter
        offset = localtime_r(&seconds, &parts) == nil ? 0 : parts.tm_gmtoff
    }
}
