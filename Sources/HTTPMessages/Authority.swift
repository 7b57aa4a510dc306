/// The grammar of `Host` and of the authority of a target (RFC 9110 §7.2, RFC 3986 §3.2).
enum Authority {
    /// Whether `range` is `host [":" port]` without user information; an empty host is not.
    ///
    /// The host is a registered name or an IPv4 address in unreserved characters, percent-encodings and
    /// sub-delimiters without the comma (which would make a list), or an IPv6 literal in brackets.
    static func isValid(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        let hostEnd =
            bytes[range.lowerBound] == UInt8(ascii: "[")
            ? endOfLiteral(bytes, range) : endOfName(bytes, range)
        guard let hostEnd else { return false }
        return hostEnd == range.upperBound || isPort(bytes, hostEnd..<range.upperBound)
    }

    private static func endOfLiteral(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        let start = range.lowerBound + 1
        var end = start
        while end < range.upperBound, bytes[end] != UInt8(ascii: "]") { end += 1 }
        guard end < range.upperBound, IPv6Literal.isValid(bytes, start..<end) else { return nil }
        return end + 1
    }

    private static func endOfName(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var position = range.lowerBound
        while position < range.upperBound, bytes[position] != Octet.colon {
            if bytes[position] == UInt8(ascii: "%") {
                guard position + 2 < range.upperBound, Octet.hexValue(bytes[position + 1]) != nil,
                    Octet.hexValue(bytes[position + 2]) != nil
                else { return nil }
                position += 3
                continue
            }
            guard isNameByte(bytes[position]) else { return nil }
            position += 1
        }
        return position > range.lowerBound ? position : nil
    }

    /// Unreserved characters and the sub-delimiters without the comma.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "!"),
            UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("),
            UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: ";"), UInt8(ascii: "="):
            true
        default: false
        }
    }

    /// A colon and a number of at most 65535; RFC 3986 §3.2.3 lets the number be empty.
    private static func isPort(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count <= 6, bytes[range.lowerBound] == Octet.colon else { return false }
        var port = 0
        for index in range.dropFirst() {
            guard Octet.isDigit(bytes[index]) else { return false }
            port = port * 10 + Int(bytes[index] - 48)
        }
        return port <= 65_535
    }
}
