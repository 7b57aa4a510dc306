public import Balancing

extension ClientAddress {
    /// Reads an IPv4 or IPv6 address as it would be seen on a client's connection.
    ///
    /// An IPv4 address inside of IPv6 counts as IPv4. A link-local address has a zone, the name or the number of an
    /// interface, since the same address in two networks is two clients (RFC 4007 section 11).
    ///
    /// - Parameters:
    ///   - text: `10.1.2.3`, `2001:db8::1`, `[2001:db8::1]` or `fe80::1%eth0`.
    ///   - interfaceName: gives the name of the interface with a number, if there is one.
    /// - Throws: what is wrong with it.
    public init(
        configurationText text: String,
        interfaceName: (UInt32) -> String?
    ) throws(ValueProblem) {
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        let parts = (isBracketed ? text.dropFirst().dropLast() : text[...])
            .split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        let zone = parts.count == 2 ? parts[1] : nil
        switch IPLiteral(parts[0]) {
        case .v4(let bytes) where zone == nil && !isBracketed:
            self.init(ipv4: InlineArray { bytes[$0] })
        case .v6(let groups):
            let bytes = groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
            try Self.validate(zone, isLinkLocal: groups[0] & 0xFFC0 == 0xFE80)
            let name = zone.map { zone in UInt32(zone).flatMap(interfaceName) ?? String(zone) }
            self.init(ipv6: InlineArray { bytes[$0] }, zone: name)
        default:
            throw .malformed("a client is an IP address without a port, for example 10.1.2.3 or 2001:db8::1")
        }
    }

    private static func validate(_ zone: Substring?, isLinkLocal: Bool) throws(ValueProblem) {
        guard let zone else {
            guard !isLinkLocal else {
                throw .malformed(
                    "a link-local address belongs to an interface; write it behind, for example fe80::1%eth0"
                )
            }
            return
        }
        guard isLinkLocal else { throw .malformed("only link-local addresses (fe80::/10) have a zone") }
        // The kernel's names have at most 15 bytes.
        let isName = (1...15).contains(zone.utf8.count) && zone.utf8.allSatisfy(\.isVisibleASCII)
        guard isName, !zone.contains("/"), !zone.contains("%") else {
            throw .malformed("\(quoted(zone)) is no name of an interface")
        }
    }
}
