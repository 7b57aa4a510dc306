extension TOMLReader {
    /// The text in quotes that stands here: basic or literal, on one line or on several.
    mutating func string() throws(SyntaxError) -> String {
        let start = offset
        if take("\"\"\"") { return try text(from: start, isBasic: true, isMultiline: true) }
        if take("'''") { return try text(from: start, isBasic: false, isMultiline: true) }
        let isBasic = take("\"")
        if !isBasic { offset += 1 }
        return try text(from: start, isBasic: isBasic, isMultiline: false)
    }

    private mutating func text(
        from start: Int,
        isBasic: Bool,
        isMultiline: Bool
    ) throws(SyntaxError) -> String {
        let quote = UInt8(ascii: isBasic ? "\"" : "'")
        var text: [UInt8] = []
        // A line break right after the opening quotes is not part of the text.
        if isMultiline, !take("\n") { _ = take("\r\n") }
        while let byte = next {
            switch byte {
            case quote where !isMultiline:
                offset += 1
                return String(decoding: text, as: UTF8.self)
            case quote:
                if let quotes = closingQuotes(quote) {
                    text += Array(repeating: quote, count: quotes)
                    return String(decoding: text, as: UTF8.self)
                }
                text.append(byte)
                offset += 1
            case UInt8(ascii: "\\") where isBasic:
                try escape(into: &text, isMultiline: isMultiline)
            case 0x0A where isMultiline, 0x0D where isMultiline && sees("\r\n"):
                text.append(0x0A)
                offset += byte == 0x0A ? 1 : 2
            case 0x0A, 0x0D:
                throw failure("the text is not closed on its line", at: start)
            case _ where byte.isControl:
                throw failure("a text holds no control characters; write them as \\uXXXX")
            default:
                text.append(byte)
                offset += 1
            }
        }
        throw failure("the text is not closed", at: start)
    }

    /// Goes past three closing quotes; up to two more in front of them belong to the text and are counted.
    private mutating func closingQuotes(_ quote: UInt8) -> Int? {
        let run = bytes[offset...].prefix { $0 == quote }.count
        guard run >= 3 else { return nil }
        let taken = min(run, 5)
        offset += taken
        return taken - 3
    }

    private mutating func escape(into text: inout [UInt8], isMultiline: Bool) throws(SyntaxError) {
        let start = offset
        offset += 1
        guard let byte = next else { throw failure("the text ends inside of an escape", at: start) }
        offset += 1
        switch byte {
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(byte)
        case UInt8(ascii: "u"): text += try codePoint(digits: 4, from: start)
        case UInt8(ascii: "U"): text += try codePoint(digits: 8, from: start)
        case 0x20, 0x09, 0x0A, 0x0D:
            offset -= 1
            guard isMultiline, skipFoldedLines() else {
                throw failure("a backslash stands here alone; write \\\\ for one", at: start)
            }
        default:
            throw failure(
                "there is no such escape; write \\\\ for a backslash, or use single quotes",
                at: start
            )
        }
    }

    /// Goes past the rest of a line that ends in a backslash, and past all white space behind it.
    private mutating func skipFoldedLines() -> Bool {
        skipSpaces()
        guard sees("\n") || sees("\r\n") else { return false }
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || sees("\r\n") { offset += 1 }
        return true
    }

    private mutating func codePoint(digits: Int, from start: Int) throws(SyntaxError) -> [UInt8] {
        let text = bytes[offset...].prefix(digits)
        guard text.count == digits, text.allSatisfy(\.isASCIIHexDigit),
            let value = UInt32(String(decoding: text, as: UTF8.self), radix: 16),
            let scalar = Unicode.Scalar(value)
        else { throw failure("\(digits) hexadecimal digits of a character follow this escape", at: start) }
        offset += digits
        return Array(String(scalar).utf8)
    }
}
