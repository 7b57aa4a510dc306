import Testing

@testable import HTTPMessages

@Suite struct OctetTests {
    private static let digits = Set("0123456789".utf8)
    private static let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)

    @Test func `a token is made of the bytes that the RFC lists`() {
        let tokens = Self.digits.union(Self.letters).union("!#$%&'*+-.^_`|~".utf8)
        #expect(tokens.count == 77)
        for byte in UInt8.min...UInt8.max { #expect(Octet.isToken(byte) == tokens.contains(byte)) }
    }

    @Test func `a field value is made of what is visible, blanks and obs-text`() {
        let values = Set([0x09] + Array(0x20...0x7E) + Array(0x80...0xFF) as [UInt8])
        for byte in UInt8.min...UInt8.max { #expect(Octet.isFieldValue(byte) == values.contains(byte)) }
    }

    @Test func `a target is made of visible ASCII without the number sign`() {
        let targets = Set(0x21...0x7E as ClosedRange<UInt8>).subtracting("#".utf8)
        for byte in UInt8.min...UInt8.max { #expect(Octet.isTarget(byte) == targets.contains(byte)) }
    }

    @Test func `blanks and digits are the ASCII ones`() {
        for byte in UInt8.min...UInt8.max {
            #expect(Octet.isBlank(byte) == " \t".utf8.contains(byte))
            #expect(Octet.isDigit(byte) == Self.digits.contains(byte))
        }
    }

    @Test func `sixteen digits in two cases have a hexadecimal value`() {
        for byte in UInt8.min...UInt8.max {
            let text =
                byte < 0x80 && byte != UInt8(ascii: "+") && byte != UInt8(ascii: "-") ? unwire([byte]) : ""
            #expect(Octet.hexValue(byte) == Int(text, radix: 16))
        }
    }
}

@Suite struct RequestMethodTests {
    @Test(arguments: [
        ("GET", RequestMethod.idempotent, true), ("HEAD", .head, true), ("PUT", .idempotent, true),
        ("DELETE", .idempotent, true), ("OPTIONS", .idempotent, true), ("TRACE", .idempotent, true),
        ("CONNECT", .connect, false), ("POST", .other, false), ("PATCH", .other, false),
        ("LOCK", .other, false),
        ("PROPFIND", .other, false), ("get", .other, false), ("Head", .other, false),
        ("connect", .other, false),
        ("GETS", .other, false), ("GE", .other, false), ("TRACK", .other, false), ("OPTION", .other, false),
        ("X", .other, false), ("", .other, false),
    ])
    func `a method is known by its exact spelling`(
        _ text: String,
        _ kind: RequestMethod,
        _ isIdempotent: Bool
    ) {
        let bytes = wire("GET" + text + "GET")
        let method = RequestMethod(bytes.span, 3..<bytes.count - 3)
        #expect(method == kind)
        #expect(method.isIdempotent == isIdempotent)
    }
}

@Suite struct HopByHopTests {
    @Test func `what ends at a gateway ends there in each direction`() {
        let both: [FieldName] = [
            .connection, .keepAlive, .proxyConnection, .proxyAuthenticate, .te, .transferEncoding,
            .contentLength, .upgrade, .xRequestID,
        ]
        let requestOnly: [FieldName] = [
            .proxy, .proxyAuthorization, .forwarded, .framingLookAlike, .xForwarded, .xRealIP,
        ]
        for raw in 0...UInt8.max {
            guard let name = FieldName(rawValue: raw) else { continue }
            #expect(HopByHop.endsRequestField(name) == (both.contains(name) || requestOnly.contains(name)))
            #expect(HopByHop.endsResponseField(name) == both.contains(name))
        }
    }

    @Test func `eight bytes are visible exactly when each of them is`() {
        func expectSame(_ bytes: [UInt8]) {
            let word = bytes.span.word(at: 0)
            let isVisible = bytes.allSatisfy { Octet.isFieldValue($0) && $0 != Octet.horizontalTab }
            #expect(Octet.areVisible(word) == isVisible, "\(bytes)")
        }
        for filler in [UInt8(0x20), 0x61, 0x7E, 0x80, 0xFF] {
            for place in 0..<8 {
                for byte in UInt8.min...UInt8.max {
                    var bytes = Array(repeating: filler, count: 8)
                    bytes[place] = byte
                    expectSame(bytes)
                }
            }
        }
        var random = SystemRandomNumberGenerator()
        let edges: [UInt8] = [0x00, 0x1F, 0x20, 0x21, 0x7E, 0x7F, 0x80, 0x9F, 0xA0, 0xFF]
        for _ in 0..<2000 { expectSame((0..<8).map { _ in edges.randomElement(using: &random) ?? 0 }) }
    }
}
