import TestSupport
import Testing

/// Nothing waits for the end of a message: bytes leave as they arrive.
@Suite struct StreamingTests {
    @Test(arguments: ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", "HTTP/1.1 200 OK\r\n"])
    func `an event reaches the client while the origin holds the rest`(_ head: String) throws {
        let gate = Gate()
        let isChunked = head.contains("chunked")
        let event = "data: 1\n\n"
        let origin = try ScriptedPeer { _ in
            let fields = "Content-Type: text/event-stream\r\n\r\n"
            return [
                .send(head + fields + (isChunked ? chunks(event) : event)), .wait(gate),
                .send(isChunked ? "0\r\n\r\n" : ""), .close,
            ]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(plainRequest)
            #expect(try client.readHead().isChunked)
            #expect(String(decoding: client.read(exactly: 14), as: UTF8.self) == chunks(event))
            gate.open()
            #expect(client.read(exactly: 5) == Array("0\r\n\r\n".utf8))
        }
    }

    @Test func `a head reaches the client before the first byte of its body`() throws {
        let gate = Gate()
        let origin = try ScriptedPeer { _ in
            [.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), .wait(gate), .send("hello")]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(plainRequest)
            #expect(try client.readHead().values("Content-Length") == ["5"])
            gate.open()
            #expect(client.read(exactly: 5) == Array("hello".utf8))
        }
    }

    @Test(arguments: [false, true])
    func `the start of an upload reaches the origin while the client holds the rest`(
        _ isChunked: Bool
    ) throws {
        let origin = try ScriptedPeer(trigger: .head) { _ in [.readBody, .send(answerText("ok"))] }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: 10"
            try client.send(requestText("POST", "/", [framing]) + (isChunked ? chunks("first") : "first"))
            #expect(origin.waitForRequests(1))
            let head = try #require(origin.requests.first).head.count
            #expect(origin.waitForBytes(head + 5))
            #expect(String(decoding: origin.connections[0].bytes, as: UTF8.self).contains("first"))
            try client.send(isChunked ? chunks("other") + "0\r\n\r\n" : "other")
            #expect(try client.readResponse(to: "POST").text == "ok")
        }
    }

    @Test func `Expect is the origin's to answer`() throws {
        let origin = try ScriptedPeer(trigger: .head) { _ in
            [.send("HTTP/1.1 100 Continue\r\n\r\n"), .readBody, .send(answerText("ok"))]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(requestText("POST", "/", ["Expect: 100-continue", "Content-Length: 5"]))
            #expect(try client.readInterim().status == 100)
            try client.send("hello")
            #expect(try client.readResponse(to: "POST").text == "ok")
        }
        #expect(origin.requests.first?.values("Expect") == ["100-continue"])
    }

    @Test func `an origin may refuse what a client expects`() throws {
        let origin = try ScriptedPeer(trigger: .head) { _ in
            [.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno"), .stall]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            let response = try client.exchange(
                requestText("POST", "/", ["Expect: 100-continue", "Content-Length: 5"])
            )
            #expect(response.status == 417)
            #expect(response.text == "no")
            // The body was never sent, so nothing on this connection can be told apart from it.
            #expect(client.waitForClose() == .closed)
        }
    }

    @Test func `an early hint arrives before the answer is there`() throws {
        let gate = Gate()
        let origin = try ScriptedPeer { _ in
            [
                .send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"), .wait(gate),
                .send(answerText("ok")),
            ]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(plainRequest)
            #expect(try client.readInterim().status == 103)
            gate.open()
            #expect(try client.readResponse().text == "ok")
        }
    }
}
