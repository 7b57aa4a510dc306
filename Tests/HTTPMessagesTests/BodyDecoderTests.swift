import Testing

@testable import HTTPMessages

@Suite struct BodyDecoderTests {
    /// Everything `decoder` takes of `text`, and what it leaves.
    private func take(_ text: String, with decoder: inout BodyDecoder) throws(MessageError) -> (
        String, String
    ) {
        let bytes = wire(text)
        var data: [UInt8] = []
        var position = 0
        while case .data(let range) = try decoder.next(bytes.span, at: &position) { data += bytes[range] }
        return (unwire(data), unwire(bytes[position...]))
    }

    @Test(arguments: [BodyFraming.none, .length(0)])
    func `no body takes nothing`(_ framing: BodyFraming) throws {
        var decoder = BodyDecoder(framing, maxTrailers: 64)
        #expect(decoder.isFinished && !decoder.endsAtClose)
        #expect(try take("GET", with: &decoder) == ("", "GET"))
        #expect(decoder.takeTrailers() == nil)
    }

    @Test func `a body of a length takes exactly that, in any pieces`() throws {
        for first in 0...5 {
            var decoder = BodyDecoder(.length(5), maxTrailers: 64)
            #expect(try take(String("abcde".prefix(first)), with: &decoder).0.count == first)
            #expect(decoder.isFinished == (first == 5))
            let (rest, left) = try take("abcde".dropFirst(first) + "GET", with: &decoder)
            #expect(rest == "abcde".dropFirst(first))
            #expect(left == "GET")
            #expect(decoder.isFinished && !decoder.endsAtClose)
        }
    }

    @Test func `a body of a length waits when nothing is there`() throws {
        var decoder = BodyDecoder(.length(.max), maxTrailers: 64)
        var position = 0
        #expect(try decoder.next([UInt8]().span, at: &position) == .needsMore)
        #expect(try take("abc", with: &decoder) == ("abc", ""))
        #expect(!decoder.isFinished)
    }

    @Test func `a body until the close never ends by itself`() throws {
        var decoder = BodyDecoder(.untilClose, maxTrailers: 64)
        #expect(try take("abc", with: &decoder) == ("abc", ""))
        #expect(try take("0\r\n\r\n", with: &decoder) == ("0\r\n\r\n", ""))
        #expect(decoder.endsAtClose && !decoder.isFinished)
        decoder.abandon()
        #expect(decoder.isFinished && !decoder.endsAtClose)
    }

    @Test func `a chunked body ends with its last chunk`() throws {
        var decoder = BodyDecoder(.chunked, maxTrailers: 64)
        #expect(try take("3\r\nab", with: &decoder) == ("ab", ""))
        #expect(!decoder.isFinished && !decoder.endsAtClose)
        #expect(try take("c\r\n0\r\n\r\nGET", with: &decoder) == ("c", "GET"))
        #expect(decoder.isFinished)
        #expect(decoder.takeTrailers() == nil)
    }

    @Test func `trailers are taken once`() throws {
        var decoder = BodyDecoder(.chunked, maxTrailers: 64)
        #expect(try take("0\r\nX: y\r\n\r\n", with: &decoder) == ("", ""))
        #expect(decoder.takeTrailers().map { unwire($0.bytes) } == "X: y\r\n\r\n")
        #expect(decoder.takeTrailers() == nil)
    }

    @Test(arguments: ["3\r\nabc0", "0\r\nX\n", "g"])
    func `a body that is refused stays refused and is never complete`(_ text: String) {
        var decoder = BodyDecoder(.chunked, maxTrailers: 64)
        #expect(throws: MessageError.self) { try take(text, with: &decoder) }
        #expect(!decoder.isFinished)
        #expect(throws: MessageError.self) { try take("\r\n0\r\n\r\n", with: &decoder) }
        #expect(!decoder.isFinished)
    }
}

@Suite struct TrailerSectionTests {
    private func filter(_ section: String, without names: String = "") throws(MessageError) -> String {
        let writer = ByteWriter()
        writer.append(wire(section).span)
        let nominated = ByteWriter()
        nominated.append(text: names)
        let output = ByteWriter()
        try TrailerSection.write(writer, without: nominated, limits: smallLimits, to: output)
        return unwire(output.bytes)
    }

    @Test func `trailers that describe the body pass in order and in canonical form`() throws {
        let section = "Digest:sha\r\nX-Sum: \t1 \r\nx-sum: 2\r\nServer-Timing: \u{e9}\r\n\r\n"
        #expect(try filter(section) == "Digest: sha\r\nX-Sum: 1\r\nx-sum: 2\r\nServer-Timing: \u{e9}\r\n")
    }

    @Test(arguments: [
        "Content-Length", "Transfer-Encoding", "Host", "Connection", "TE", "Trailer", "Upgrade", "Keep-Alive",
        "Proxy-Connection", "Proxy-Authorization", "Proxy-Authenticate", "Expect", "Max-Forwards",
        "Forwarded",
        "X-Forwarded-For", "X-Real-IP", "Authorization", "Cookie", "Set-Cookie", "Cache-Control",
        "Content-Encoding", "Content-Type", "Content-Range", "Range", "Location", "Retry-After", "Vary",
        "Via",
        "WWW-Authenticate", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since",
        "If-Range",
        "Age", "Expires", "Pragma", "Date", "Proxy", "Content_Length", "Transfer.Encoding", "X_Forwarded_For",
    ])
    func `trailers that frame, route or authorise are dropped`(_ name: String) throws {
        for spelling in [name, name.lowercased(), name.uppercased()] {
            #expect(try filter("A: 1\r\n\(spelling): 2\r\nB: 3\r\n\r\n") == "A: 1\r\nB: 3\r\n")
        }
    }

    @Test(arguments: ["b,", "x,B,", "b,b,y,"])
    func `trailers that Connection listed are dropped`(_ names: String) throws {
        #expect(try filter("A: 1\r\nb: 2\r\nBB: 3\r\n\r\n", without: names) == "A: 1\r\nBB: 3\r\n")
    }

    @Test(arguments: [
        ("X : y\r\n\r\n", MessageError.badFieldName), ("X: y\r\n z\r\n\r\n", .foldedField),
        ("X: \0\r\n\r\n", .badFieldValue), ("X: y\rz\r\n\r\n", .badLineEnd), ("\r\r\n\r\n", .badLineEnd),
        ("X\r\n\r\n", .badFieldName), ("\0X: y\r\n\r\n", .badFieldName), ("X: y\r\n", .badLineEnd),
        ("\r\nX: y\r\n\r\n", .badLineEnd), ("", .badLineEnd),
    ])
    func `malformed trailers are refused`(_ section: String, _ error: MessageError) {
        #expect(throws: error) { try filter(section) }
        let writer = ByteWriter()
        writer.append(wire(section).span)
        #expect(throws: error) { try TrailerSection.check(writer, limits: smallLimits) }
    }

    @Test func `more trailers than fields are allowed are refused`() throws {
        let most = String(repeating: "X: y\r\n", count: 16)
        #expect(try filter(most + "\r\n") == most)
        #expect(throws: MessageError.tooManyFields) { try filter(most + "X: y\r\n\r\n") }
    }
}
