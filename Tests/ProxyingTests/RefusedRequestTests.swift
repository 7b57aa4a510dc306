import Observability
import Testing

@testable import HTTPMessages
@testable import Proxying

@Suite struct RefusedRequestTests {
    /// What is told of `text`: method, path, host, user agent, line; and the version.
    private func told(_ text: String) -> (parts: [String], minorVersion: Int?) {
        let head = RequestHead()
        // Whatever it said of the request before must not be told of this one.
        let earlier = wire("PUT /earlier HTTP/1.0\r\nHost: e\r\nUser-Agent: e\r\n\r\n")
        _ = try? head.parse(earlier.span, limits: testLimits)
        let bytes = wire(text)
        _ = try? head.parse(bytes.span, limits: testLimits)
        let output = ByteWriter()
        let request = RefusedRequest(bytes.span, head, RequestIDSource(first: 1, second: 2), to: output)
        let parts = request.parts
        #expect(unwire(output.bytes[parts.id]) == firstID)
        let ranges = [parts.method, parts.path, parts.host, parts.userAgent, parts.line]
        return (ranges.map { unwire(output.bytes[$0]) }, parts.minorVersion)
    }

    @Test(
        arguments: [
            ("", ["", "", "", "", ""], nil), ("G", ["", "", "", "", "G"], nil),
            ("\r\nGET /a", ["GET", "/a", "", "", "GET /a"], nil),
            (
                "GET /a\u{e9}b HTTP/1.1\r\nHost: h\r\n",
                ["GET", "/a\u{e9}b", "", "", "GET /a\u{e9}b HTTP/1.1"], nil
            ),
            ("GET /a HTTP/2.0\r\nHost: h\r\n\r\n", ["GET", "/a", "", "", "GET /a HTTP/2.0"], nil),
            ("GET /a\nX: y", ["GET", "/a", "", "", "GET /a"], nil),
            ("\u{16}\u{3}\u{1}\u{2}", ["", "", "", "", "\u{16}\u{3}\u{1}\u{2}"], nil),
            (
                "POST /a HTTP/1.1\r\nHost: h\r\nBad Name: x\r\n",
                ["POST", "/a", "h", "", "POST /a HTTP/1.1"], 1
            ),
            (
                "GET / HTTP/1.0\r\nUser-Agent: u v\r\nHost: h\r\nContent-Length: x\r\n\r\n",
                ["GET", "/", "h", "u v", "GET / HTTP/1.0"], 0
            ),
        ] as [(String, [String], Int?)]
    )
    func `what is known is told, and nothing else`(_ text: String, _ parts: [String], _ version: Int?) {
        let told = told(text)
        #expect(told.parts == parts)
        #expect(told.minorVersion == version)
    }

    @Test func `an endless line is told in part`() {
        let told = told("GET /" + String(repeating: "x", count: 5000))
        #expect(told.parts[1].utf8.count == 2044 && told.parts[4].utf8.count == 2048)
    }
}
