/// An IPv4 or IPv6 address in digits.
///
/// Read here and not by the C library, whose readers differ in what they let through (`127.1`, `0x7f.1`,
/// `010.0.0.1`) and would take one text for different addresses.
enum IPLiteral: Equatable {
    case v4([UInt8])
    case v6([UInt16])

    /// The address in `text`, or `nil` if it is none.
    init?(_ text: some StringProtocol) {
        if let bytes = Self.fourBytes(text) {
            self = .v4(bytes)
        } else if let groups = Self.eightGroups(text) {
            self = .v6(groups)
        } else {
            return nil
        }
    }

    /// One text per address, so that two spellings compare equal (RFC 5952 section 4).
    var canonicalText: String {
        switch self {
        case .v4(let bytes): bytes.map { String($0) }.joined(separator: ".")
        case .v6(let groups): Self.shortened(groups)
        }
    }

    /// Four decimal numbers without leading zeros (`IPv4address`, RFC 3986 section 3.2.2).
    private static func fourBytes(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard part.isASCIIDigits, part == "0" || !part.hasPrefix("0"), let byte = UInt8(part) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }

    /// Eight groups of hexadecimal digits, of which `::` may stand for some (RFC 4291 section 2.2).
    private static func eightGroups(_ text: some StringProtocol) -> [UInt16]? {
        let halves = String(text).split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, let first = halves.first, let last = halves.last else { return nil }
        guard halves.count == 2 else {
            return groups(first, mayEndInIPv4: true).flatMap { $0.count == 8 ? $0 : nil }
        }
        guard let head = groups(first, mayEndInIPv4: false), let tail = groups(last, mayEndInIPv4: true),
            head.count + tail.count < 8
        else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    private static func groups(_ text: Substring, mayEndInIPv4: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if (1...4).contains(part.utf8.count), part.utf8.allSatisfy(\.isASCIIHexDigit),
                let group = UInt16(part, radix: 16)
            {
                groups.append(group)
            } else if mayEndInIPv4, index == parts.count - 1, let bytes = fourBytes(part) {
                groups.append(UInt16(bytes[0]) << 8 | UInt16(bytes[1]))
                groups.append(UInt16(bytes[2]) << 8 | UInt16(bytes[3]))
            } else {
                return nil
            }
        }
        return groups
    }

    /// Lower-case groups with the first of the longest runs of two or more zeros written as `::`.
    private static func shortened(_ groups: [UInt16]) -> String {
        var longest = 0..<0
        var run = 0..<0
        for (index, group) in groups.enumerated() {
            run = group == 0 ? (run.isEmpty ? index : run.lowerBound)..<(index + 1) : 0..<0
            if run.count > longest.count { longest = run }
        }
        func text(_ slice: ArraySlice<UInt16>) -> String {
            slice.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard longest.count > 1 else { return text(groups[...]) }
        return text(groups[..<longest.lowerBound]) + "::" + text(groups[longest.upperBound...])
    }
}
