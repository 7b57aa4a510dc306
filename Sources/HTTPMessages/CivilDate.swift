/// A day of the Gregorian calendar.
public struct CivilDate: Sendable, Equatable {
    /// The year, such as 1994.
    public let year: Int
    /// The month, 1 to 12.
    public let month: Int
    /// The day of the month, 1 to 31.
    public let day: Int

    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The day so many days after 1 January 1970, by eras of 400 years that begin in March.
    public init(daysSince1970 days: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The month in three letters, such as `Nov`.
    public var monthName: StaticString { Self.months[month - 1] }
}

extension ByteWriter {
    /// Appends a number below 100 in two digits.
    public func append(twoDigits value: Int) {
        append(UInt8(48 + value / 10))
        append(UInt8(48 + value % 10))
    }

    /// Appends the time of day of a number of seconds since midnight, such as `08:49:37`.
    public func append(timeOfDay seconds: Int) {
        append(twoDigits: seconds / 3600)
        append(":")
        append(twoDigits: seconds / 60 % 60)
        append(":")
        append(twoDigits: seconds % 60)
    }
}
