/// A client's IP address in the text that the hash is taken of.
///
/// The text is the one Go's `net.IP` prints: IPv4 dotted, an IPv4-mapped IPv6 address without its prefix, IPv6 as
/// RFC 5952 wants it, the zone kept. Replicas that agree on this text agree on the backend.
public struct ClientAddress: Sendable, Equatable {
    /// The canonical text.
    public let text: String

    /// An IPv4 address from its four bytes, most significant first.
    public init(ipv4 bytes: InlineArray<4, UInt8>) {
        text = Self.dotted(bytes[0], bytes[1], bytes[2], bytes[3])
    }

    /// An IPv6 address from its sixteen bytes.
    ///
    /// - Parameters:
    ///   - bytes: the address, most significant byte first.
    ///   - zone: the name or number of the interface of a link-local address.
    public init(ipv6 bytes: InlineArray<16, UInt8>, zone: String? = nil) {
        if Self.isMapped(bytes) {
            text = Self.dotted(bytes[12], bytes[13], bytes[14], bytes[15])
        } else {
            text = Self.compressed(bytes) + (zone.map { "%" + $0 } ?? "")
        }
    }

    /// A peer that has no IP address.
    public init(unnamed text: String) {
        self.text = text
    }

    private static func dotted(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) -> String {
        "\(first).\(second).\(third).\(fourth)"
    }

    /// `::ffff:0:0/96` (RFC 4291 §2.5.5.2).
    private static func isMapped(_ bytes: InlineArray<16, UInt8>) -> Bool {
        for index in 0..<10 where bytes[index] != 0 { return false }
        return bytes[10] == 0xFF && bytes[11] == 0xFF
    }

    /// RFC 5952 §4: lower case, no leading zeros, the first longest run of at least two zero groups as `::`.
    private static func compressed(_ bytes: InlineArray<16, UInt8>) -> String {
        let groups = (0..<8).map { UInt16(bytes[$0 * 2]) << 8 | UInt16(bytes[$0 * 2 + 1]) }
        let run = longestZeroRun(groups)
        func joined(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard let run else { return joined(groups[...]) }
        return joined(groups[..<run.lowerBound]) + "::" + joined(groups[run.upperBound...])
    }

    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start = 0
        while start < groups.count {
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start >= 2, end - start > best?.count ?? 0 { best = start..<end }
            start = max(end, start + 1)
        }
        return best
    }
}
