import Configuration
import Testing

@Suite struct BackendAddressTests {
    @Test(
        arguments: [
            ("10.0.0.2:8080", "10.0.0.2", 8_080, "10.0.0.2:8080", true),
            ("http://10.0.0.2:8080", "10.0.0.2", 8_080, "10.0.0.2:8080", true),
            ("HTTP://10.0.0.2:8080/", "10.0.0.2", 8_080, "10.0.0.2:8080", true),
            ("http://app.internal", "app.internal", 80, "app.internal:80", false),
            ("App_1.Internal.:65535", "app_1.internal.", 65_535, "app_1.internal.:65535", false),
            ("localhost:1", "localhost", 1, "localhost:1", false),
            ("3com:80", "3com", 80, "3com:80", false),
            ("http://[::1]", "::1", 80, "[::1]:80", true),
            ("[2001:DB8:0:0:1:0:0:1]:80", "2001:db8::1:0:0:1", 80, "[2001:db8::1:0:0:1]:80", true),
            ("[::ffff:10.0.0.2]:80", "::ffff:a00:2", 80, "[::ffff:a00:2]:80", true),
        ] as [(String, String, UInt16, String, Bool)]
    )
    func `reads and prints addresses`(
        _ text: String,
        _ host: String,
        _ port: UInt16,
        _ description: String,
        _ isLiteral: Bool
    ) throws {
        let address = try BackendAddress(configurationText: text)
        #expect(address == BackendAddress(host: host, port: port))
        #expect(address.description == description)
        #expect(address.isLiteral == isLiteral)
    }

    @Test(arguments: [
        ("", "the address is empty; write host:port, for example 10.0.0.7:8080"),
        ("10.0.0.7", "the port is missing; write host:port, for example 10.0.0.7:8080"),
        ("app", "the port is missing; write host:port, for example app:8080"),
        ("[::1]", "the port is missing; write host:port, for example [::1]:8080"),
        ("app:", "no port follows the colon; write host:port, for example app:8080"),
        ("app:80a", "port \"80a\" is not a number; write host:port, for example app:8080"),
        ("app:+80", "port \"+80\" is not a number; write host:port, for example app:8080"),
        ("app:0", "port 0 is below 1; write host:port, for example app:8080"),
        ("10.0.0.7:99999", "port 99999 is above 65535; write host:port, for example 10.0.0.7:8080"),
        (":8080", "the host is empty; write host:port, for example 10.0.0.7:8080"),
        ("http://", "the host is empty; write host:port, for example 10.0.0.7:8080"),
    ])
    func `refuses a missing half or a bad port`(_ text: String, _ sentence: String) {
        #expect(throws: ValueProblem.malformed(sentence)) { try BackendAddress(configurationText: text) }
    }

    @Test(arguments: [
        ("https://app:443", "TLS to backends is not supported; write http://host:port"),
        ("ftp://app:21", "the scheme \"ftp\" is not supported; write http://host:port"),
        ("://app:21", "the scheme \"\" is not supported; write http://host:port"),
        (
            "http://app:80/api",
            "a backend has no path, since requests keep the path of the client; write host:port alone"
        ),
        (
            "app:80//",
            "a backend has no path, since requests keep the path of the client; write host:port alone"
        ),
        ("app:80/?a=1", "a backend has no query; write host:port alone"),
        ("app:80?a=1", "a backend has no query; write host:port alone"),
        ("app:80#top", "a backend has no fragment; write host:port alone"),
        ("http://me:secret@app:80", "a backend has no user name or password; write host:port alone"),
    ])
    func `refuses what only other URLs have`(_ text: String, _ sentence: String) {
        #expect(throws: ValueProblem.malformed(sentence)) { try BackendAddress(configurationText: text) }
    }

    @Test(arguments: [
        ("a b:80", "\" \" cannot stand in a host name"),
        ("app\u{1b}[2J:80", "\"\\u{1b}\" cannot stand in a host name"),
        ("app\r\n:80", "\"\\r\\n\" cannot stand in a host name"),
        ("bücher.example:80", "\"ü\" is not ASCII; write the name in its xn-- form"),
        ("a..b:80", "the host name has an empty label between its dots"),
        (".:80", "the host name has an empty label between its dots"),
        ("-a.b:80", "the label \"-a\" begins or ends with a hyphen"),
        ("a.b-:80", "the label \"b-\" begins or ends with a hyphen"),
        ("10.0.0.256:80", "\"10.0.0.256\" is not an IPv4 address, which is four numbers from 0 to 255"),
        ("010.0.0.1:80", "\"010.0.0.1\" is not an IPv4 address, which is four numbers from 0 to 255"),
        ("127.1:80", "\"127.1\" is not an IPv4 address, which is four numbers from 0 to 255"),
        ("0x7f000001:80", "\"0x7f000001\" is not an IPv4 address, which is four numbers from 0 to 255"),
        ("8080:80", "\"8080\" is not an IPv4 address, which is four numbers from 0 to 255"),
        ("::1:80", "there is more than one colon; write an IPv6 address in brackets, for example [::1]:8080"),
        ("[fe80::1%25eth0]:80", "zone identifiers such as %eth0 are not supported"),
    ])
    func `refuses bad hosts`(_ text: String, _ sentence: String) {
        #expect(throws: ValueProblem.malformed(sentence)) { try BackendAddress(configurationText: text) }
    }

    @Test func `takes labels of 63 and names of 253 characters, and no more`() throws {
        let label = String(repeating: "a", count: 63)
        let name = [label, label, label, String(repeating: "a", count: 61)].joined(separator: ".")
        #expect(try BackendAddress(configurationText: "\(name):80").host == name)
        #expect(throws: ValueProblem.malformed("the host name has 254 characters; 253 are the most")) {
            try BackendAddress(configurationText: "\(name)a:80")
        }
        #expect(throws: ValueProblem.malformed("the label \"\(label)a\" has 64 characters; 63 are the most"))
        {
            try BackendAddress(configurationText: "\(label)a:80")
        }
    }
}
