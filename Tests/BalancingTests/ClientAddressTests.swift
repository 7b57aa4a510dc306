import Balancing
import Testing

@Suite struct ClientAddressTests {
    /// An IPv6 address from its eight groups.
    private func text(_ groups: [UInt16], zone: String? = nil) -> String {
        let bytes = groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
        return ClientAddress(ipv6: InlineArray { bytes[$0] }, zone: zone).text
    }

    @Test(
        arguments: [
            ([127, 0, 0, 1], "127.0.0.1"), ([0, 0, 0, 0], "0.0.0.0"),
            ([255, 255, 255, 255], "255.255.255.255"),
            ([192, 168, 1, 45], "192.168.1.45"), ([10, 0, 0, 1], "10.0.0.1"),
        ] as [([UInt8], String)]
    )
    func `IPv4 is dotted`(_ bytes: [UInt8], _ expected: String) {
        #expect(ClientAddress(ipv4: InlineArray { bytes[$0] }).text == expected)
    }

    @Test(
        arguments: [
            ([0, 0, 0, 0, 0, 0, 0, 0], "::"), ([0, 0, 0, 0, 0, 0, 0, 1], "::1"),
            ([1, 0, 0, 0, 0, 0, 0, 0], "1::"),
            ([0x2001, 0xDB8, 0, 0, 0, 0, 0, 1], "2001:db8::1"),
            ([0x2001, 0xDB8, 0, 0, 1, 0, 0, 1], "2001:db8::1:0:0:1"),
            ([0x2001, 0, 0, 1, 0, 0, 0, 1], "2001:0:0:1::1"),
            ([0x2001, 0, 0, 0, 1, 0, 0, 1], "2001::1:0:0:1"),
            ([0x2001, 0xDB8, 0, 1, 1, 1, 1, 1], "2001:db8:0:1:1:1:1:1"),
            ([0, 1, 0, 1, 0, 1, 0, 1], "0:1:0:1:0:1:0:1"),
            ([1, 0, 0, 2, 0, 0, 3, 4], "1::2:0:0:3:4"), ([0, 0, 1, 1, 1, 1, 0, 0], "::1:1:1:1:0:0"),
            ([1, 2, 3, 4, 5, 6, 0, 0], "1:2:3:4:5:6::"), ([0, 0, 3, 4, 5, 6, 7, 8], "::3:4:5:6:7:8"),
            ([1, 2, 3, 4, 5, 6, 7, 8], "1:2:3:4:5:6:7:8"), ([1, 2, 3, 0, 5, 6, 7, 0], "1:2:3:0:5:6:7:0"),
            ([0xABCD, 0xEF01, 0x0023, 0x0405, 0xA, 0xB0, 0xC00, 0xD000], "abcd:ef01:23:405:a:b0:c00:d000"),
            ([0, 0, 0, 0, 0, 0, 0x0A00, 1], "::a00:1"),
            ([0, 0, 0, 0, 0xFFFF, 0, 0x0A00, 1], "::ffff:0:a00:1"),
            ([0x64, 0xFF9B, 0, 0, 0, 0, 0x0A00, 1], "64:ff9b::a00:1"),
            ([0xFE80, 0, 0, 0, 0, 0, 0, 1], "fe80::1"),
        ] as [([UInt16], String)]
    )
    func `IPv6 is as RFC 5952 wants it, the first of the longest runs of zeros shortened`(
        _ groups: [UInt16],
        _ expected: String
    ) {
        #expect(text(groups) == expected)
    }

    @Test func `an IPv4 address mapped into IPv6 is IPv4`() {
        #expect(text([0, 0, 0, 0, 0, 0xFFFF, 0x0A00, 1]) == "10.0.0.1")
        #expect(text([0, 0, 0, 0, 0, 0xFFFF, 0, 0]) == "0.0.0.0")
        #expect(text([0, 0, 0, 0, 0, 0xFFFE, 0x0A00, 1]) == "::fffe:a00:1")
        #expect(text([1, 0, 0, 0, 0, 0xFFFF, 0x0A00, 1]) == "1::ffff:a00:1")
    }

    @Test func `a zone makes another client`() {
        #expect(text([0xFE80, 0, 0, 0, 0, 0, 0, 1], zone: "eth0") == "fe80::1%eth0")
        #expect(text([0xFE80, 0, 0, 0, 0, 0, 0, 1], zone: "7") == "fe80::1%7")
        #expect(ClientAddress(unnamed: "@").text == "@")
    }
}
