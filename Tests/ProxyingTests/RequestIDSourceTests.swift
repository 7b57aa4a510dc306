import Testing

@testable import HTTPMessages
@testable import Proxying

@Suite struct RequestIDSourceTests {
    private func next(_ source: RequestIDSource) -> String {
        let output = ByteWriter()
        source.append(to: output)
        return unwire(output.bytes)
    }

    @Test func `ids are 32 digits and never the same`() {
        let sources = [RequestIDSource(), RequestIDSource(), RequestIDSource(first: 0, second: 0)]
        var seen: Set<String> = []
        for _ in 0..<2000 {
            for source in sources {
                let id = next(source)
                #expect(id.wholeMatch(of: /[0-9a-f]{32}/) != nil)
                #expect(seen.insert(id).inserted)
            }
        }
    }

    @Test func `each id is the next one of SplitMix64, twice`() {
        // The first number of SplitMix64 that begins at 0, as its authors publish it.
        #expect(next(RequestIDSource(first: 0, second: 0)).hasPrefix("e220a8397b1dcdaf"))
    }
}

@Suite struct RequestIDFieldTests {
    private func written(_ fields: String) throws -> String {
        try #require(try rewrite("GET / HTTP/1.1\r\nHost: h\r\n\(fields)\r\n"))
    }

    private func idLines(_ text: String) -> [String] {
        text.split(separator: "\r\n").map(String.init).filter {
            $0.lowercased().replacing("_", with: "-").hasPrefix("x-request-id:")
        }
    }

    @Test(arguments: [
        "X-Request-Id: a-1\r\n", "x-request-id:a-1\r\n", "X_REQUEST_ID: a-1\r\n",
        "Connection: x-request-id\r\nX-Request-Id: a-1\r\n",
    ])
    func `a fit id goes on, once and in one form`(_ fields: String) throws {
        #expect(idLines(try written(fields)) == ["X-Request-Id: a-1"])
    }

    @Test(arguments: [
        "", "X-Request-Id: a b\r\n", "X-Request-Id: a\r\nX-Request-Id: a\r\n", "X-Request-Id:\r\n",
        "X-Request-Id: a\r\nX_Request_Id: b\r\nConnection: X_Request_Id\r\n",
    ])
    func `any other is replaced`(_ fields: String) throws {
        #expect(idLines(try written(fields)) == ["X-Request-Id: \(firstID)"])
    }

    @Test(arguments: ["X-Request-Id: theirs", "x_request_id: theirs", "X-Request-Id: a\r\nX-Request-Id: b"])
    func `the answer takes back the request's, whatever the backend says`(_ fields: String) throws {
        let bytes = wire("HTTP/1.1 200 OK\r\nDate: d\r\n\(fields)\r\nConnection: x-request-id\r\n\r\n")
        let head = ResponseHead()
        #expect(try head.parse(bytes.span, limits: testLimits) == bytes.count)
        let output = ByteWriter()
        let plan = ResponseRewriter.Plan(
            framing: .none,
            closes: false,
            announcesKeepAlive: false,
            upgrades: false,
            wallSeconds: 0
        )
        ResponseRewriter.write(head, bytes.span, plan: plan, id: answerID, to: output)
        #expect(idLines(unwire(output.bytes)) == ["X-Request-Id: an-id"])
    }
}
