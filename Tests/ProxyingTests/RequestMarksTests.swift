import Observability
import Testing

@testable import HTTPMessages
@testable import Proxying

@Suite struct RequestMarksTests {
    @Test(arguments: [
        ("GET /a?b HTTP/1.1\r\nHost: h\r\nUser-Agent: curl/8\r\n\r\n", "GET", "/a?b", "curl/8"),
        ("GET / HTTP/1.1\r\nUser-Agent: u\r\nHost: h\r\n\r\n", "GET", "/", "u"),
        ("GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nUser-Agent: u v\r\nC: 3\r\nHost: h\r\n\r\n", "GET", "/", "u v"),
        ("GET / HTTP/1.1\r\nHost: h\r\nA:1\r\nuser-agent:\tu \r\nC: 3\r\n\r\n", "GET", "/", "u"),
        ("GET / HTTP/1.1\r\nHost: h\r\nTE: x\r\nUser-Agent: u\r\nTE: x\r\nC: 3\r\n\r\n", "GET", "/", "u"),
        (
            "GET / HTTP/1.1\r\nConnection: X\r\nHost: h\r\nX: 1\r\nA: 1\r\nUser-Agent: u\r\n\r\n", "GET", "/",
            "u"
        ),
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET", "/", ""),
        ("GET / HTTP/1.1\r\nHost: h\r\nUser-Agent:\r\n\r\n", "GET", "/", ""),
        ("GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: u\r\nConnection: user-agent\r\n\r\n", "GET", "/", ""),
        ("GET http://b/x?y HTTP/1.1\r\nUser-Agent: u\r\nHost: h\r\n\r\n", "GET", "/x?y", "u"),
        ("GET http://b HTTP/1.1\r\nHost: h\r\nUser-Agent: u\r\n\r\n", "GET", "/", "u"),
        ("GET http://b?y HTTP/1.0\r\nUser-Agent: u\r\n\r\n", "GET", "/?y", "u"),
        ("OPTIONS * HTTP/1.1\r\nHost: h\r\nMax-Forwards: 3\r\nUser-Agent: u\r\n\r\n", "OPTIONS", "*", "u"),
        ("OPTIONS http://b HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS", "*", ""),
    ])
    func `marks point at method, path and user agent exactly`(
        _ text: String,
        _ method: String,
        _ path: String,
        _ userAgent: String
    ) throws {
        let request = try #require(try Request(wire(text)))
        let (bytes, marks) = request.rewritten()
        #expect(unwire(bytes[marks.method]) == method)
        #expect(unwire(bytes[marks.path]) == path)
        #expect(unwire(bytes[marks.userAgent]) == userAgent)
    }

    @Test func `marks count from the start of the output, whatever stands there already`() throws {
        let request = try #require(
            try Request(wire("GET /a HTTP/1.1\r\nHost: h\r\nUser-Agent: u\r\n\r\n"))
        )
        let output = ByteWriter()
        output.append("0123456789")
        let marks = RequestRewriter.write(
            request.head,
            request.bytes.span,
            from: RequestRewriter.Origin(client: "c", localAuthority: ""),
            upgrades: false,
            ids: RequestIDSource(first: 1, second: 2),
            to: output
        )
        #expect(unwire(output.bytes[marks.method]) == "GET")
        #expect(unwire(output.bytes[marks.path]) == "/a")
        #expect(unwire(output.bytes[marks.userAgent]) == "u")
    }
}
