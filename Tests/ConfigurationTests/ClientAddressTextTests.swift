import Balancing
import Configuration
import Testing

@Suite struct ClientAddressTextTests {
    private func read(_ text: String) -> Result<String, ValueProblem> {
        do throws(ValueProblem) {
            let address = try ClientAddress(configurationText: text) { $0 == 2 ? "eth0" : nil }
            return .success(address.text)
        } catch {
            return .failure(error)
        }
    }

    @Test(arguments: [
        ("10.1.2.3", "10.1.2.3"), ("2001:DB8:0:0::1", "2001:db8::1"), ("[2001:db8::1]", "2001:db8::1"),
        ("::ffff:10.1.2.3", "10.1.2.3"), ("::FFFF:0a01:0203", "10.1.2.3"), ("::10.1.2.3", "::a01:203"),
        ("fe80::1%eth0", "fe80::1%eth0"), ("fe80::1%2", "fe80::1%eth0"), ("febf::1%9", "febf::1%9"),
    ])
    func `an address becomes the key of a connection from it`(_ text: String, _ key: String) {
        #expect(read(text) == .success(key))
    }

    @Test(arguments: [
        "", "10.1.2", "10.1.2.3:80", "[10.1.2.3]", "10.1.2.3%eth0", "host", "[::1]:80", "::1::", "010.1.2.3",
    ])
    func `anything else is refused`(_ text: String) {
        #expect(
            read(text)
                == .failure(
                    .malformed(
                        "a client is an IP address without a port, for example 10.1.2.3 or 2001:db8::1"
                    )
                )
        )
    }

    @Test(arguments: [
        (
            "fe80::1",
            "a link-local address belongs to an interface; write it behind, for example fe80::1%eth0"
        ),
        ("2001:db8::1%eth0", "only link-local addresses (fe80::/10) have a zone"),
        ("::ffff:10.1.2.3%eth0", "only link-local addresses (fe80::/10) have a zone"),
        ("fe80::1%", "\"\" is no name of an interface"),
        ("fe80::1%a b", "\"a b\" is no name of an interface"),
        ("fe80::1%a%b", "\"a%b\" is no name of an interface"),
        ("fe80::1%abcdefghijklmnop", "\"abcdefghijklmnop\" is no name of an interface"),
    ])
    func `a zone belongs to link-local addresses`(_ text: String, _ sentence: String) {
        #expect(read(text) == .failure(.malformed(sentence)))
    }
}
