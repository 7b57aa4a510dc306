import Testing

@testable import HTTPMessages

/// What came of a chunked body.
private struct Decoded: Equatable {
    var data = ""
    var trailers = ""
    /// How many bytes it took, once it is complete.
    var length: Int?
    var error: MessageError?
}

/// Decodes `bytes` given in pieces that end at `cuts` and at the end.
private func decode(_ bytes: [UInt8], cuts: [Int] = [], maxTrailers: Int = 64) -> Decoded {
    var decoder = ChunkedDecoder(maxTrailers: maxTrailers)
    var decoded = Decoded()
    var data: [UInt8] = []
    var start = 0
    do {
        for end in cuts + [bytes.count] where decoded.length == nil {
            var position = 0
            let piece = bytes.span.extracting(start..<end)
            reading: while true {
                switch try decoder.next(piece, at: &position) {
                case .needsMore: break reading
                case .data(let range): for index in range { data.append(piece[index]) }
                case .end:
                    decoded.length = start + position
                    break reading
                }
            }
            start = end
        }
    } catch {
        decoded.error = error
    }
    decoded.data = unwire(data)
    decoded.trailers = unwire(decoder.trailerSection?.bytes ?? [])
    return decoded
}

private let bodies: [(String, String, String)] = [
    ("0\r\n\r\n", "", ""),
    ("3\r\nabc\r\n0\r\n\r\n", "abc", ""),
    ("1\r\na\r\n2\r\nbc\r\n00\r\n\r\n", "abc", ""),
    ("0000000000000003\r\nabc\r\n0000000000000000\r\n\r\n", "abc", ""),
    ("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789", ""),
    ("6\r\n\r\n0\r\n\r\r\n0\r\n\r\n", "\r\n0\r\n\r", ""),
    ("3;x\r\nabc\r\n0;y=\"z\"\r\n\r\n", "abc", ""),
    ("3 \t;x = \"\u{e9}\"; y\r\nabc\r\n0\t;\r\n\r\n", "abc", ""),
    ("2\r\n\0\u{ff}\r\n0\r\n\r\n", "\0\u{ff}", ""),
    ("1\r\na\r\n0\r\nX: y\r\n\r\n", "a", "X: y\r\n\r\n"),
    ("0\r\nX: y\r\nZ:\r\n\r\n", "", "X: y\r\nZ:\r\n\r\n"),
]

private let malformed: [(String, MessageError)] = [
    ("\r\n", .badChunk), ("\n", .badChunk), (";x\r\n", .badChunk), (" 3\r\nabc\r\n", .badChunk),
    ("\t3\r\nabc\r\n", .badChunk), ("\u{b}3\r\n", .badChunk), ("0x3\r\nabc\r\n", .badChunk),
    ("+3\r\nabc\r\n", .badChunk), ("-0\r\n\r\n", .badChunk), ("-3\r\n", .badChunk), ("g\r\n", .badChunk),
    ("3g\r\n", .badChunk), ("3 \r\nabc\r\n", .badChunk), ("3\t\r\nabc\r\n", .badChunk),
    ("3 junk\r\nabc\r\n", .badChunk), ("3 3\r\nabc\r\n", .badChunk), ("3,\r\n", .badChunk),
    ("3\0\r\nabc\r\n", .badChunk), ("3\nabc\r\n", .badChunk), ("3\rabc\r\n", .badChunk),
    ("3\r\rabc", .badChunk), ("3;x\nabc\r\n", .badChunk), ("3;x\0\r\nabc\r\n", .badChunk),
    ("3;\u{7f}\r\nabc\r\n", .badChunk), ("3;x\r\rabc\r\n", .badChunk), ("3\r\nabc0\r\n\r\n", .badChunk),
    ("3\r\nabcd\r\n0\r\n\r\n", .badChunk), ("3\r\nabc\n0\r\n\r\n", .badChunk),
    ("3\r\nabc\r0\r\n\r\n", .badChunk), ("3\r\nabc\r\r\n0\r\n\r\n", .badChunk),
    ("3\r\nabc\r\n\r\n0\r\n\r\n", .badChunk), ("3\r\nabc5\r\nabcde\r\n0\r\n\r\n", .badChunk),
    ("0\n\r\n", .badChunk), ("0\r\n\n", .badLineEnd), ("0\r\nX: y\n\r\n", .badLineEnd),
    ("0\r\nX: y\r\n\n", .badLineEnd), ("8000000000000000\r\n", .badChunk),
    ("FFFFFFFFFFFFFFFF\r\n", .badChunk), ("10000000000000003\r\nabc\r\n", .badChunk),
    ("00000000000000003\r\nabc\r\n", .badChunk), ("\u{b2}\r\n", .badChunk), ("3\u{a0};x\r\n", .badChunk),
]

@Suite struct ChunkedDecoderTests {
    @Test(arguments: bodies)
    func `a body is the same wherever it is cut`(_ text: String, _ data: String, _ trailers: String) {
        let bytes = wire(text + "GET /next")
        let expected = Decoded(data: data, trailers: trailers, length: text.unicodeScalars.count)
        #expect(decode(bytes) == expected)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let decoded = decode(bytes, cuts: [first, second])
                if decoded != expected { Issue.record("cut at \(first) and \(second): \(decoded)") }
            }
        }
        #expect(decode(bytes, cuts: Array(1..<bytes.count)) == expected)
    }

    @Test(arguments: bodies)
    func `a body that is cut off is neither complete nor refused`(
        _ text: String,
        _ data: String,
        _ trailers: String
    ) {
        let bytes = wire(text)
        for count in 0..<bytes.count {
            let decoded = decode(Array(bytes[..<count]))
            #expect(decoded.length == nil && decoded.error == nil)
            #expect(
                data.hasPrefix(decoded.data) || decoded.data.isEmpty
                    || data.utf8.starts(with: decoded.data.utf8)
            )
        }
    }

    @Test(arguments: malformed)
    func `a malformed body is refused wherever it is cut`(_ text: String, _ error: MessageError) {
        let bytes = wire(text)
        let whole = decode(bytes)
        #expect(whole.error == error && whole.length == nil)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let decoded = decode(bytes, cuts: [first, second])
                if decoded != whole { Issue.record("cut at \(first) and \(second): \(decoded)") }
            }
        }
        for count in 0..<bytes.count {
            #expect(decode(Array(bytes[..<count])).length == nil)
        }
    }

    @Test func `the largest size is the largest signed number`() throws {
        var decoder = ChunkedDecoder(maxTrailers: 2)
        let bytes = wire("7fffFFFFffffFFFF\r\nab")
        var position = 0
        #expect(try decoder.next(bytes.span, at: &position) == .data(18..<20))
        #expect(try decoder.next(bytes.span, at: &position) == .needsMore)
        #expect(!decoder.isFinished)
    }

    @Test func `an extension takes 1024 bytes with its semicolon`() {
        func body(_ count: Int) -> [UInt8] {
            wire("1;" + String(repeating: "x", count: count - 1) + "\r\na\r\n0\r\n\r\n")
        }
        #expect(decode(body(1024)).data == "a")
        #expect(decode(body(1025)).error == .badChunk)
    }

    @Test func `white space before an extension counts as part of it`() {
        func body(_ count: Int) -> [UInt8] {
            wire("1" + String(repeating: " ", count: count - 1) + ";\r\na\r\n0\r\n\r\n")
        }
        #expect(decode(body(1024)).data == "a")
        #expect(decode(body(1025)).error == .badChunk)
        #expect(decode(wire("1" + String(repeating: "\t", count: 5000))).error == .badChunk)
    }

    @Test func `trailers take as much as the limit with their empty line`() {
        let bytes = wire("0\r\nX: y\r\n\r\n")
        #expect(decode(bytes, maxTrailers: 8).trailers == "X: y\r\n\r\n")
        #expect(decode(bytes, maxTrailers: 7).error == .headTooLarge)
        #expect(decode(wire("0\r\n" + String(repeating: "X", count: 65))).error == .headTooLarge)
    }

    @Test func `nothing is taken behind the end`() throws {
        var decoder = ChunkedDecoder(maxTrailers: 2)
        let bytes = wire("0\r\n\r\n0\r\n\r\n")
        var position = 0
        #expect(try decoder.next(bytes.span, at: &position) == .end)
        #expect(position == 5)
        #expect(try decoder.next(bytes.span, at: &position) == .end)
        #expect(position == 5)
    }
}
