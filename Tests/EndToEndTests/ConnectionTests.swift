import TestSupport
import Testing

/// How long client and upstream connections live, and who shares them.
@Suite struct ConnectionTests {
    @Test func `a client connection carries one request after the other`() throws {
        let origin = try Origin.echo("a")
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            for number in 1...5 {
                let response = try client.exchange(requestText("GET", "/\(number)"))
                #expect(response.text.contains("GET /\(number) HTTP/1.1"))
                #expect(!response.announcesClose)
            }
        }
        #expect(origin.requests.map(\.target) == (1...5).map { "/\($0)" })
    }

    @Test func `a client that asks for the end gets it after the answer`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            let response = try client.exchange(requestText("GET", "/", ["Connection: close"]))
            #expect(response.text == "ok")
            #expect(response.announcesClose)
            #expect(client.waitForClose() == .closed)
        }
    }

    @Test func `twenty requests sent at once are answered in order`() throws {
        let origin = try ScriptedPeer { request in [.send(answerText("answer to \(request.target)"))] }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send((1...20).map { requestText("GET", "/\($0)") }.joined())
            for number in 1...20 { #expect(try client.readResponse().text == "answer to /\(number)") }
        }
        #expect(origin.requests.map(\.target) == (1...20).map { "/\($0)" })
    }

    @Test func `requests with bodies sent at once are kept apart`() throws {
        let origin = try ScriptedPeer { request in [.send(answerText(request.bodyText))] }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            let first = requestText("POST", "/1", ["Content-Length: 3"], body: "one")
            let second =
                requestText("POST", "/2", ["Transfer-Encoding: chunked"]) + chunks("t", "wo") + "0\r\n\r\n"
            try client.send(first + second + first)
            let texts = try (0..<3).map { _ in try client.readResponse(to: "POST").text }
            #expect(texts == ["one", "two", "one"])
        }
    }

    @Test func `empty lines between requests are skipped`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(plainRequest).status == 200)
            try client.send("\r\n" + plainRequest)
            #expect(try client.readResponse().status == 200)
        }
    }

    @Test func `an HTTP 1.0 client is answered until the end of the connection`() throws {
        let origin = try Origin.ok("old")
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            let response = try client.exchange("GET /x HTTP/1.0\r\nHost: example.test\r\n\r\n")
            #expect(response.text == "old")
            #expect(client.waitForClose() == .closed)
        }
        #expect(origin.requests.first?.version == "HTTP/1.1")
    }

    @Test func `an HTTP 1.0 client without a host is served, and the origin gets one`() throws {
        let origin = try Origin.ok("old")
        try withBalancer(origin) { balancer throws in
            #expect(try balancer.exchange("GET /x HTTP/1.0\r\n\r\n").text == "old")
        }
        #expect(origin.requests.first?.values("Host").count == 1)
    }

    @Test func `an HTTP 1.0 client may keep its connection`() throws {
        let origin = try Origin.ok("old")
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            for _ in 0..<3 {
                let fields = "Host: example.test\r\nConnection: keep-alive"
                let response = try client.exchange("GET /x HTTP/1.0\r\n\(fields)\r\n\r\n")
                #expect(response.text == "old")
                #expect(response["Connection"]?.lowercased() == "keep-alive")
            }
        }
    }

    @Test func `one request after the other shares an upstream connection`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            for _ in 0..<5 { #expect(try client.exchange(plainRequest).status == 200) }
        }
        #expect(origin.requests.map(\.connection) == [1, 1, 1, 1, 1])
    }

    @Test func `requests at the same time do not wait for each other`() throws {
        let gate = Gate()
        let origin = try ScriptedPeer { request in
            request.target == "/slow"
                ? [.wait(gate), .send(answerText("slow"))] : [.send(answerText("fast"))]
        }
        try withBalancer(origin) { balancer throws in
            let slow = try RawClient(to: balancer.port)
            try slow.send(requestText("GET", "/slow"))
            #expect(origin.waitForRequests(1))
            #expect(try balancer.get("/fast").text == "fast")
            gate.open()
            #expect(try slow.readResponse().text == "slow")
        }
        #expect(origin.requests.map(\.connection) == [1, 2])
    }

    @Test func `an origin's keep-alive timeout is respected`() throws {
        let origin = try ScriptedPeer { _ in [.send(answerText("ok", ["Keep-Alive: timeout=1"]))] }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(plainRequest).text == "ok")
            // The balancer closes in time, before the origin would.
            #expect(origin.waitForEnd(of: 1) == .closed)
            #expect(try client.exchange(plainRequest).text == "ok")
        }
        #expect(origin.requests.map(\.connection) == [1, 2])
    }

    @Test func `an idle connection the origin closes is closed by the balancer too`() throws {
        let origin = try ScriptedPeer { _ in
            [.send(answerText("ok")), .run { $0.shutDownWriting() }, .stall]
        }
        try withBalancer(origin) { balancer throws in
            #expect(try balancer.get().text == "ok")
            #expect(origin.waitForEnd(of: 1) == .closed)
        }
    }
}
