extension TOMLReader {
    /// The number, boolean, date or time that stands here.
    mutating func scalar() throws(SyntaxError) -> TOMLDocument.Value {
        guard let byte = next, byte > 0x20, byte != UInt8(ascii: "#") else {
            throw failure("a value is missing here")
        }
        let start = offset
        let text = String(word)
        offset += text.utf8.count
        switch text {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        default: break
        }
        if Self.isDateOrTime(text) { return .other("a date or a time") }
        if let digits = Self.integerDigits(text) {
            guard let number = Int(digits.text, radix: digits.radix) else {
                throw failure("\(quoted(text)) is larger than any number", at: start)
            }
            return .integer(number)
        }
        if Self.isFraction(text) { return .other("a number with a fraction") }
        throw failure(
            "\(quoted(text)) is neither a number nor true or false; text stands in quotes: \"\(Self.example(text))\"",
            at: start
        )
    }

    /// The text itself where it can stand in a message.
    private static func example(_ text: String) -> String {
        text.utf8.count <= 40 && text.utf8.allSatisfy { $0.isVisibleASCII && $0 != 0x22 && $0 != 0x5C }
            ? text : "5s"
    }

    /// The sign and the digits of an integer without what separates or announces them.
    private static func integerDigits(_ text: String) -> (text: String, radix: Int)? {
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where text.hasPrefix(prefix) {
            let digits = text.dropFirst(2)
            guard isGrouped(digits, of: { Int(String(UnicodeScalar($0)), radix: radix) != nil }) else {
                return nil
            }
            return (digits.filter { $0 != "_" }, radix)
        }
        let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        guard isGrouped(digits, of: \.isASCIIDigit), digits == "0" || !digits.hasPrefix("0") else {
            return nil
        }
        return (text.filter { $0 != "_" }, 10)
    }

    /// Digits with single underscores between them.
    private static func isGrouped(_ text: Substring, of isDigit: (UInt8) -> Bool) -> Bool {
        text.split(separator: "_", omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }
    }

    /// A float, which no setting takes: `1.5`, `1e3`, `inf`.
    private static func isFraction(_ text: String) -> Bool {
        let magnitude = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        if magnitude == "inf" || magnitude == "nan" { return true }
        guard let first = magnitude.utf8.first, first.isASCIIDigit else { return false }
        return magnitude.contains { ".eE".contains($0) } && Double(text.filter { $0 != "_" }) != nil
    }

    /// `2026-01-31…` or `10:30…`.
    private static func isDateOrTime(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let digits = bytes.prefix(while: \.isASCIIDigit).count
        guard digits < bytes.count else { return false }
        return digits == 4 && bytes[4] == UInt8(ascii: "-") || digits == 2 && bytes[2] == UInt8(ascii: ":")
    }
}
