import TestSupport
import Testing

/// What is larger than somebody chose is refused.
@Suite struct LimitTests {
    @Test func `a body over the limit is refused before it is sent`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--max-body", "1000"]) { balancer throws in
            let client = try RawClient(to: balancer.port)
            let response = try client.exchange(requestText("POST", "/", ["Content-Length: 1001"]))
            #expect(response.status == 413)
            #expect(response.announcesClose)
            #expect(client.waitForClose() == .closed)
        }
        #expect(origin.acceptedCount == 0)
    }

    @Test func `a body in chunks is refused when it passes the limit`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--max-body", "1000"]) { balancer throws in
            let client = try RawClient(to: balancer.port)
            let piece = String(repeating: "x", count: 600)
            try client.send(requestText("POST", "/", ["Transfer-Encoding: chunked"]) + chunks(piece, piece))
            let response = try client.readResponse(to: "POST")
            #expect(response.status == 413)
            #expect(response.announcesClose)
            #expect(client.waitForClose() == .closed)
        }
        #expect(origin.requests.isEmpty)
    }

    @Test func `a body at the limit passes`() throws {
        let origin = try Origin.ok()
        let body = String(repeating: "x", count: 1000)
        try withBalancer(origin, ["--max-body", "1000"]) { balancer throws in
            let sized = requestText("POST", "/", ["Content-Length: 1000"], body: body)
            let chunked =
                requestText("POST", "/", ["Transfer-Encoding: chunked"]) + chunks(body) + "0\r\n\r\n"
            #expect(try balancer.exchange(sized).status == 200)
            #expect(try balancer.exchange(chunked).status == 200)
        }
    }

    @Test func `the limits of a head can be chosen`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--max-header-size", "1k", "--max-headers", "5"]) { balancer throws in
            let many = requestText("GET", "/", (1...5).map { "X-\($0): 1" })
            #expect(try balancer.exchange(many).status == 431)
            let large = requestText("GET", "/", ["X-A: " + String(repeating: "a", count: 1100)])
            #expect(try balancer.exchange(large).status == 431)
            #expect(try balancer.exchange(requestText("GET", "/", ["X-A: 1"])).status == 200)
        }
    }
}
