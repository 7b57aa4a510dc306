/// The preferred date format, such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
public enum HTTPDate {
    private static let days: [StaticString] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Writes the date of `seconds` since 1970 in UTC.
    public static func write(_ seconds: Int, to writer: ByteWriter) {
        let day = seconds / 86_400
        let clock = seconds % 86_400
        let date = civil(fromDays: day)
        writer.append(days[day % 7])
        writer.append(", ")
        append(twoDigits: date.day, to: writer)
        writer.append(" ")
        writer.append(months[date.month - 1])
        writer.append(" ")
        writer.append(decimal: date.year)
        writer.append(" ")
        append(twoDigits: clock / 3600, to: writer)
        writer.append(":")
        append(twoDigits: clock / 60 % 60, to: writer)
        writer.append(":")
        append(twoDigits: clock % 60, to: writer)
        writer.append(" GMT")
    }

    private static func append(twoDigits value: Int, to writer: ByteWriter) {
        writer.append(UInt8(48 + value / 10))
        writer.append(UInt8(48 + value % 10))
    }

    /// Days since 1970 as a date of the Gregorian calendar, by eras of 400 years that begin in March.
    private static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, day)
    }
}
