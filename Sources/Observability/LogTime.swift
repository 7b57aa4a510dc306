public import HTTPMessages

/// A moment on the wall clock, as a line of a log tells it.
public struct LogTime: Sendable, Equatable {
    /// Seconds since 1970.
    public var seconds: Int
    /// Milliseconds of the second.
    public var milliseconds: Int
    /// How far the local time is ahead of UTC, in seconds.
    public var utcOffset: Int

    /// A moment from its parts.
    public init(seconds: Int, milliseconds: Int, utcOffset: Int) {
        self.seconds = seconds
        self.milliseconds = milliseconds
        self.utcOffset = utcOffset
    }
}

extension ByteWriter {
    /// Appends a moment in UTC by RFC 3339, such as `2026-11-25T02:17:02.123Z`.
    public func append(utc time: LogTime) {
        append(utcSeconds: time)
        append(".")
        append(threeDigits: time.milliseconds)
        append("Z")
    }

    /// Appends a moment in UTC up to the seconds.
    func append(utcSeconds time: LogTime) {
        let date = CivilDate(daysSince1970: time.seconds / 86_400)
        append(decimal: date.year)
        append("-")
        append(twoDigits: date.month)
        append("-")
        append(twoDigits: date.day)
        append("T")
        append(timeOfDay: time.seconds % 86_400)
    }

    /// Appends a moment as nginx writes `$time_local`, such as `25/Nov/2026:02:17:02 +0100`.
    func append(local time: LogTime) {
        let seconds = time.seconds + time.utcOffset
        let date = CivilDate(daysSince1970: seconds / 86_400)
        append(twoDigits: date.day)
        append("/")
        append(date.monthName)
        append("/")
        append(decimal: date.year)
        append(":")
        append(timeOfDay: seconds % 86_400)
        append(time.utcOffset < 0 ? " -" : " +")
        let minutes = abs(time.utcOffset) / 60
        append(twoDigits: minutes / 60)
        append(twoDigits: minutes % 60)
    }
}

/// The seconds of a moment as text, written once for all lines of the same second.
struct LogTimeText {
    private let text = ByteWriter(capacity: 32)
    private var second: Int?
    private var offset = 0

    /// As `append(local:)` writes it.
    mutating func local(_ time: LogTime) -> ByteWriter {
        if isStale(time) { text.append(local: time) }
        return text
    }

    /// As `append(utcSeconds:)` writes it.
    mutating func utc(_ time: LogTime) -> ByteWriter {
        if isStale(time) { text.append(utcSeconds: time) }
        return text
    }

    private mutating func isStale(_ time: LogTime) -> Bool {
        guard second != time.seconds || offset != time.utcOffset else { return false }
        second = time.seconds
        offset = time.utcOffset
        text.clear()
        return true
    }
}
