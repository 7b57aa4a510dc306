import Configuration
import Testing

@Suite struct ListenAddressTests {
    @Test(
        arguments: [
            (":8000", nil, 8_000, ":8000", "http://[::]:8000"),
            ("0.0.0.0:8000", "0.0.0.0", 8_000, "0.0.0.0:8000", "http://0.0.0.0:8000"),
            ("127.0.0.1:65535", "127.0.0.1", 65_535, "127.0.0.1:65535", "http://127.0.0.1:65535"),
            ("[::1]:8000", "::1", 8_000, "[::1]:8000", "http://[::1]:8000"),
            ("[0:0:0:0:0:0:0:0]:80", "::", 80, "[::]:80", "http://[::]:80"),
            ("localhost:8000", "127.0.0.1", 8_000, "127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("LocalHost:8000", "127.0.0.1", 8_000, "127.0.0.1:8000", "http://127.0.0.1:8000"),
        ] as [(String, String?, UInt16, String, String)]
    )
    func `reads and prints addresses`(
        _ text: String,
        _ host: String?,
        _ port: UInt16,
        _ description: String,
        _ url: String
    ) throws {
        let address = try ListenAddress(configurationText: text)
        #expect(address == ListenAddress(host: host, port: port))
        #expect(address.description == description)
        #expect(address.url(port: port) == url)
    }

    @Test func `announces the port the kernel chose`() throws {
        let address = try ListenAddress(configurationText: "127.0.0.1:0")
        #expect(address.description == "127.0.0.1:0")
        #expect(address.url(port: 40_123) == "http://127.0.0.1:40123")
    }

    @Test(arguments: [
        ("", "the address is empty; write host:port or :port, for example :8000"),
        ("8000", "the colon is missing; write :8000"),
        ("localhost", "the port is missing; write 127.0.0.1:8000"),
        ("127.0.0.1", "the port is missing; write 127.0.0.1:8000"),
        ("[::1]", "the port is missing; write [::1]:8000"),
        (":", "no port follows the colon; write host:port or :port, for example :8000"),
        (":http", "port \"http\" is not a number; write host:port or :port, for example :8000"),
        (":-1", "port \"-1\" is not a number; write host:port or :port, for example :8000"),
        (":65536", "port 65536 is above 65535; write host:port or :port, for example :8000"),
        (
            "http://:8000",
            "a listen address has neither scheme nor path; write host:port or :port, for example :8000"
        ),
        (
            ":8000/",
            "a listen address has neither scheme nor path; write host:port or :port, for example :8000"
        ),
        ("*:8000", "every address is written without a host, for example :8000"),
        (
            "example.com:80",
            "\"example.com\" is not an address; listen on a literal address, for example 127.0.0.1:8000"
        ),
        (
            "256.0.0.1:80",
            "\"256.0.0.1\" is not an address; listen on a literal address, for example 127.0.0.1:8000"
        ),
        ("::1:80", "there is more than one colon; write an IPv6 address in brackets, for example [::1]:8080"),
        ("[::1:80", "the bracket is not closed; write [address]:port, for example [::1]:8080"),
        ("[::1]80", "after the bracket comes a colon and the port, for example [::1]:8080"),
        ("[localhost]:80", "\"localhost\" is not an IPv6 address"),
        ("[127.0.0.1]:80", "\"127.0.0.1\" is not an IPv6 address"),
        ("[fe80::1%eth0]:80", "zone identifiers such as %eth0 are not supported"),
    ])
    func `refuses anything else and says why`(_ text: String, _ sentence: String) {
        #expect(throws: ValueProblem.malformed(sentence)) { try ListenAddress(configurationText: text) }
    }
}
