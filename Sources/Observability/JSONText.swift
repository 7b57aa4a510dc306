public import HTTPMessages

extension ByteWriter {
    /// Appends bytes of a peer as a JSON string in quotes, or `null` when they are missing (RFC 8259 §7).
    func appendJSON(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        if range.upperBound == 0 { return append("null") }
        append("\"")
        appendJSONText(bytes, range)
        append("\"")
    }

    /// Appends text that as a rule has nothing to escape as the inside of a JSON string.
    func append(plainJSON text: String) {
        let start = count
        append(text: text)
        guard needsEscape(from: start) else { return }
        truncate(to: start)
        let bytes = Array(text.utf8)
        appendJSONText(bytes.span, 0..<bytes.count)
    }

    private func needsEscape(from start: Int) -> Bool {
        let bytes = storage
        for index in start..<count {
            let byte = bytes[index]
            if byte < 0x20 || byte > 0x7E || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                return true
            }
        }
        return false
    }

    /// Appends text as a JSON string in quotes.
    public func append(jsonString text: String) {
        let bytes = Array(text.utf8)
        append("\"")
        appendJSONText(bytes.span, 0..<bytes.count)
        append("\"")
    }

    /// Appends bytes of anybody as the inside of a JSON string.
    ///
    /// Valid UTF-8 stays as it is, but for what could end a line or deceive its reader: control characters, line and
    /// paragraph separators, what turns the direction of writing and what is not seen are escaped. A byte that is no valid UTF-8 is
    /// taken for ISO 8859-1, as field values once were (RFC 9110 §5.5), and escaped.
    func appendJSONText(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        var plain = range.lowerBound
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                index += 1
                continue
            }
            let length = UTF8Sequence.length(bytes, index..<range.upperBound)
            if length > 1, !UTF8Sequence.isDeceptive(bytes, at: index) {
                index += length
                continue
            }
            append(bytes, plain..<index)
            appendJSONEscape(UTF8Sequence.scalar(bytes, at: index, length: max(length, 1)))
            index += max(length, 1)
            plain = index
        }
        append(bytes, plain..<range.upperBound)
    }

    private func appendJSONEscape(_ scalar: UInt32) {
        switch scalar {
        case 0x22: append("\\\"")
        case 0x5C: append("\\\\")
        case 0x09: append("\\t")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        default:
            append("\\u")
            append(hexDigit: UInt8(truncatingIfNeeded: scalar >> 12 & 15))
            append(hexDigit: UInt8(truncatingIfNeeded: scalar >> 8 & 15))
            append(hexDigit: UInt8(truncatingIfNeeded: scalar >> 4 & 15))
            append(hexDigit: UInt8(truncatingIfNeeded: scalar & 15))
        }
    }

    private func append(hexDigit value: UInt8) {
        append(value < 10 ? 48 + value : 87 + value)
    }
}

/// UTF-8, one sequence at a time (RFC 3629 §4).
private enum UTF8Sequence {
    /// The length of the sequence at the start of `range`; 0 when the bytes there are none.
    static func length(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        let first = bytes[range.lowerBound]
        let length: Int
        // What may follow first keeps out what is longer than needed, surrogates, and what is beyond Unicode.
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF:
            length = 3
            if first == 0xE0 { second = 0xA0...0xBF }
            if first == 0xED { second = 0x80...0x9F }
        case 0xF0...0xF4:
            length = 4
            if first == 0xF0 { second = 0x90...0xBF }
            if first == 0xF4 { second = 0x80...0x8F }
        default: return 0
        }
        guard range.count >= length, second.contains(bytes[range.lowerBound + 1]) else { return 0 }
        for offset in 2..<length where bytes[range.lowerBound + offset] & 0xC0 != 0x80 { return 0 }
        return length
    }

    /// Whether the sequence of more than one byte at `index` stands for something that ends a line, steers a
    /// terminal, turns the direction of writing or is not seen: U+0080 to U+009F, U+061C, U+200B to U+200F, U+2028 to
    /// U+202E, U+2060 to U+206F, U+FEFF, U+FFF9 to U+FFFB.
    static func isDeceptive(_ bytes: Span<UInt8>, at index: Int) -> Bool {
        switch (bytes[index], bytes[index + 1]) {
        case (0xC2, 0x80...0x9F): true
        case (0xD8, 0x9C): true
        case (0xE2, 0x80):
            (0x8B...0x8F).contains(bytes[index + 2]) || (0xA8...0xAE).contains(bytes[index + 2])
        case (0xE2, 0x81): (0xA0...0xAF).contains(bytes[index + 2])
        case (0xEF, 0xBB): bytes[index + 2] == 0xBF
        case (0xEF, 0xBF): (0xB9...0xBB).contains(bytes[index + 2])
        default: false
        }
    }

    /// The code point of a sequence of up to three bytes.
    static func scalar(_ bytes: Span<UInt8>, at index: Int, length: Int) -> UInt32 {
        let first = UInt32(bytes[index])
        switch length {
        case 2: return (first & 0x1F) << 6 | UInt32(bytes[index + 1] & 0x3F)
        case 3:
            return (first & 0x0F) << 12 | UInt32(bytes[index + 1] & 0x3F) << 6
                | UInt32(bytes[index + 2] & 0x3F)
        default: return first
        }
    }
}
