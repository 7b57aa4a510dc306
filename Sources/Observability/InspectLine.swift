internal import HTTPMessages

extension ByteWriter {
    /// Appends a line of the inspect format, without its end.
    func appendInspectLine(_ entry: AccessLogEntry, _ bytes: Span<UInt8>) {
        append("[INSPECT] Method: ")
        appendInspected(bytes, entry.parts.method)
        append(" | Path: ")
        appendInspected(bytes, entry.parts.path)
        append(" | User-Agent: ")
        appendInspected(bytes, entry.parts.userAgent)
        append(" | Client: ")
        append(text: entry.client)
        append(" | Backend: ")
        if let backend = entry.backend { append(text: backend) } else { append("-") }
        append(" | Status: ")
        append(decimal: entry.status)
        append(" | Bytes: ")
        append(decimal: entry.sent)
        append(" | Time: ")
        append(milliseconds: entry.times.total)
        append("ms")
        if let failure = entry.failure {
            append(" | Error: ")
            append(failure.sentence)
            if let detail = failure.detail {
                append(" ")
                append(detail)
            }
        }
    }

    /// A bar separates fields in this format only, so it is escaped in this one only.
    private func appendInspected(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        if range.isEmpty { return append("-") }
        appendEscaped(bytes, range, and: UInt8(ascii: "|"))
    }

    /// Appends bytes of a peer so that they cannot end a line or a field: control bytes, quotes, backslashes and
    /// everything beyond ASCII become `\xHH`, as nginx does, and so does `separator`.
    func appendEscaped(_ bytes: Span<UInt8>, _ range: Range<Int>, and separator: UInt8 = UInt8(ascii: "\"")) {
        var plain = range.lowerBound
        for index in range {
            let byte = bytes[index]
            guard
                byte < 0x20 || byte > 0x7E || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                    || byte == separator
            else { continue }
            append(bytes, plain..<index)
            append("\\x")
            append(Self.upperHexDigit(byte >> 4))
            append(Self.upperHexDigit(byte & 15))
            plain = index + 1
        }
        append(bytes, plain..<range.upperBound)
    }

    private static func upperHexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? 48 + value : 55 + value
    }

    /// Appends a duration in milliseconds with three decimals, cut and not rounded.
    func append(milliseconds nanoseconds: UInt64) {
        let microseconds = Int(nanoseconds / 1000)
        append(decimal: microseconds / 1000)
        append(".")
        append(threeDigits: microseconds % 1000)
    }

    /// Appends a number below 1000 in three digits.
    func append(threeDigits value: Int) {
        append(UInt8(48 + value / 100))
        append(twoDigits: value % 100)
    }
}
