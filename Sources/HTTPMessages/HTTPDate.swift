/// The preferred date format, such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
public enum HTTPDate {
    private static let days: [StaticString] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

    /// Writes the date of `seconds` since 1970 in UTC.
    public static func write(_ seconds: Int, to writer: ByteWriter) {
        let day = seconds / 86_400
        let date = CivilDate(daysSince1970: day)
        writer.append(days[day % 7])
        writer.append(", ")
        writer.append(twoDigits: date.day)
        writer.append(" ")
        writer.append(date.monthName)
        writer.append(" ")
        writer.append(decimal: date.year)
        writer.append(" ")
        writer.append(timeOfDay: seconds % 86_400)
        writer.append(" GMT")
    }
}
