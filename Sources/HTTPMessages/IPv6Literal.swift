/// The grammar of an IPv6 address in text (RFC 3986 §3.2.2), without the brackets.
enum IPv6Literal {
    /// Whether `range` is one: eight groups of up to four hexadecimal digits, of which `::` may stand for some, and an
    /// IPv4 address for the last two.
    static func isValid(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let end = range.upperBound
        var position = range.lowerBound
        var groups = 0
        var isShortened = false
        if range.count >= 2, isGap(bytes, position..<end) {
            isShortened = true
            position += 2
            if position == end { return true }
        }
        while groups < 8 {
            let start = position
            while position < end, Octet.hexValue(bytes[position]) != nil { position += 1 }
            if position < end, bytes[position] == UInt8(ascii: ".") {
                return isIPv4(bytes, start..<end) && isWhole(groups + 2, isShortened)
            }
            guard (1...4).contains(position - start) else { return false }
            groups += 1
            if position == end { return isWhole(groups, isShortened) }
            guard bytes[position] == Octet.colon else { return false }
            if isGap(bytes, position..<end) {
                guard !isShortened else { return false }
                isShortened = true
                position += 2
                if position == end { return isWhole(groups, isShortened) }
            } else {
                position += 1
            }
        }
        return false
    }

    private static func isGap(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        range.count >= 2 && bytes.equals("::", at: range.lowerBound..<range.lowerBound + 2)
    }

    /// A gap stands for one group at least.
    private static func isWhole(_ groups: Int, _ isShortened: Bool) -> Bool {
        isShortened ? groups < 8 : groups == 8
    }

    /// Four decimal numbers of at most 255 without leading zeros.
    private static func isIPv4(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var position = range.lowerBound
        for number in 1...4 {
            let start = position
            var value = 0
            while position < range.upperBound, Octet.isDigit(bytes[position]), position - start < 3 {
                value = value * 10 + Int(bytes[position] - 48)
                position += 1
            }
            let digits = position - start
            guard digits > 0, value <= 255, digits == 1 || bytes[start] != 48 else { return false }
            if number == 4 { break }
            guard position < range.upperBound, bytes[position] == UInt8(ascii: ".") else { return false }
            position += 1
        }
        return position == range.upperBound
    }
}
