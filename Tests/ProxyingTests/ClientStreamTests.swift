import Configuration
import Observability
import TestSupport
import Testing

/// What every session has to make of an exchange, whatever protocol its client speaks.
@Suite struct ClientStreamTests {
    /// A worker in front of one origin and a client of it.
    private func meet(
        _ spoken: ClientProtocol,
        _ origin: ScriptedPeer,
        _ change: (inout ServerConfiguration) -> Void = { _ in }
    ) throws -> (proxy: RunningProxy, client: any ProtocolClient) {
        let proxy = try RunningProxy([origin.port], change)
        return (proxy, try spoken.connect(to: proxy.port))
    }

    /// How the backend ends the body of its answer.
    enum Framing: CaseIterable {
        case length, chunks, end

        var answer: [PeerAction] {
            let head = "HTTP/1.1 200 OK\r\nX-Kept: yes\r\n"
            return switch self {
            case .length: [.send(head + "Content-Length: 10\r\n\r\n01234"), .send("56789")]
            case .chunks:
                [
                    .send(head + "Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n"),
                    .send("5\r\n56789\r\n0\r\n\r\n"),
                ]
            case .end: [.send(head + "Connection: close\r\n\r\n01234"), .send("56789"), .close]
            }
        }
    }

    @Test(arguments: ClientProtocol.allCases, Framing.allCases)
    func `an answer arrives whole however the backend frames it`(
        _ spoken: ClientProtocol,
        _ framing: Framing
    ) throws {
        let origin = try ScriptedPeer { _ in framing.answer }
        let (_, client) = try meet(spoken, origin)
        for _ in 0..<3 {
            try client.request("GET", "/", [], body: .none)
            let response = try #require(client.answer(to: "GET").response)
            #expect(response.status == 200 && response.text == "0123456789" && response["X-Kept"] == "yes")
        }
    }

    @Test(arguments: ClientProtocol.allCases)
    func `an answer to HEAD has no body and tells what one would have`(_ spoken: ClientProtocol) throws {
        let origin = try ScriptedPeer { request in
            request.method == "HEAD"
                ? [.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")] : [.answer(body: "next")]
        }
        let (_, client) = try meet(spoken, origin)
        try client.request("HEAD", "/", [], body: .none)
        let response = try #require(client.answer(to: "HEAD").response)
        #expect(response.status == 200 && response["Content-Length"] == "10" && response.body.isEmpty)
        try client.request("GET", "/", [], body: .none)
        #expect(client.answer(to: "GET").response?.text == "next")
    }

    @Test(arguments: ClientProtocol.allCases)
    func `interim responses come before the answer`(_ spoken: ClientProtocol) throws {
        let origin = try ScriptedPeer { _ in
            [.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"), .answer(body: "then")]
        }
        let (_, client) = try meet(spoken, origin)
        try client.request("GET", "/", [], body: .none)
        let response = try #require(client.answer(to: "GET").response)
        #expect(response.interim.map(\.status) == [103] && response.text == "then")
        #expect(response.interim.first?["Link"] == "</a.css>")
    }

    @Test(arguments: ClientProtocol.allCases)
    func `trailers pass both ways`(_ spoken: ClientProtocol) throws {
        let origin = try ScriptedPeer { _ in
            [.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Sum: 1\r\n\r\n")]
        }
        let (_, client) = try meet(spoken, origin)
        try client.request("POST", "/", [], body: .unknownLength)
        try client.sendBody("ab")
        try client.endBody(trailers: ["X-Count: 2"])
        let response = try #require(client.answer(to: "POST").response)
        #expect(response.text == "x" && response.trailers.values("X-Sum") == ["1"])
        #expect(origin.requests.first?.bodyText == "ab")
        #expect(origin.requests.first?.trailers.values("X-Count") == ["2"])
    }

    @Test(arguments: ClientProtocol.allCases)
    func `bodies arrive as they are sent`(_ spoken: ClientProtocol) throws {
        let origin = try ScriptedPeer { _ in [.answer(body: "ok")] }
        let (_, client) = try meet(spoken, origin)
        try client.request("PUT", "/length", [], body: .length("0123456789"))
        #expect(client.answer(to: "PUT").response?.status == 200)
        try client.request("PUT", "/pieces", [], body: .unknownLength)
        for piece in ["01", "234", "56789"] { try client.sendBody(piece) }
        try client.endBody(trailers: [])
        #expect(client.answer(to: "PUT").response?.status == 200)
        #expect(origin.requests.map(\.bodyText) == ["0123456789", "0123456789"])
        #expect(origin.requests.map { $0["Content-Length"] } == ["10", nil])
    }

    @Test(arguments: ClientProtocol.allCases)
    func `a client that waits for a 100 gets the backend's`(_ spoken: ClientProtocol) throws {
        let origin = try ScriptedPeer(trigger: .head) { _ in
            [.send("HTTP/1.1 100 Continue\r\n\r\n"), .readBody, .answer(body: "ok")]
        }
        let (_, client) = try meet(spoken, origin)
        try client.request("POST", "/", ["Expect: 100-continue"], body: .announced(4))
        #expect(try client.interim().status == 100)
        try client.sendBody("body")
        #expect(client.answer(to: "POST").response?.status == 200)
    }

    @Test(arguments: ClientProtocol.allCases)
    func `an answer that the backend breaks off is broken for the client, too`(_ spoken: ClientProtocol)
        throws
    {
        for framing in [
            "Content-Length: 10\r\n\r\n01234", "Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n",
        ] {
            let origin = try ScriptedPeer { _ in [.send("HTTP/1.1 200 OK\r\n" + framing), .close] }
            let (_, client) = try meet(spoken, origin)
            try client.request("GET", "/", [], body: .none)
            #expect(client.answer(to: "GET").isVisiblyBroken)
        }
    }

    @Test(arguments: ClientProtocol.allCases)
    func `a failure is told, and the client may go on`(_ spoken: ClientProtocol) throws {
        let origin = try ScriptedPeer { request in
            request.target == "/bad" ? [.send("nonsense\r\n\r\n")] : [.answer(body: "good")]
        }
        let (_, client) = try meet(spoken, origin)
        try client.request("GET", "/bad", [], body: .none)
        #expect(client.answer(to: "GET").response?.status == 502)
        try client.request("GET", "/good", [], body: .none)
        #expect(client.answer(to: "GET").response?.text == "good")
    }

    @Test(arguments: ClientProtocol.allCases)
    func `a body that stops coming is answered`(_ spoken: ClientProtocol) throws {
        let origin = try ScriptedPeer(trigger: .head) { _ in [.stall] }
        let (proxy, client) = try meet(spoken, origin) { $0.timeouts.clientBody = .milliseconds(200) }
        try client.request("POST", "/", [], body: .announced(10))
        try client.sendBody("01234")
        #expect(client.answer(to: "POST").response?.status == 408)
        #expect(eventually { proxy.clients.ends[EndReason.clientTimeout.rawValue] == 1 })
    }

    @Test(arguments: ClientProtocol.allCases)
    func `a body beyond the limit is refused, announced or not`(_ spoken: ClientProtocol) throws {
        let origin = try ScriptedPeer(trigger: .head) { _ in [.stall] }
        for body in [RequestBody.announced(5), .unknownLength] {
            let (_, client) = try meet(spoken, origin) { $0.limits.maxBody = 4 }
            try client.request("POST", "/", [], body: body)
            if case .unknownLength = body { try client.sendBody("01234") }
            #expect(client.answer(to: "POST").response?.status == 413)
        }
    }

    @Test(arguments: ClientProtocol.allCases)
    func `a client that goes away takes its request along`(_ spoken: ClientProtocol) throws {
        let origin = try ScriptedPeer { _ in [.stall] }
        let (proxy, client) = try meet(spoken, origin)
        try client.request("GET", "/", [], body: .none)
        #expect(origin.waitForRequests(1))
        client.leave()
        #expect(origin.waitForEnd(of: 1) != nil)
        #expect(eventually { proxy.clients.ends[EndReason.clientAbort.rawValue] == 1 })
        #expect(eventually { proxy.backend().inFlight == 0 })
    }

    @Test(arguments: ClientProtocol.allCases)
    func `a client that does not read holds its backend back, and nothing is lost when it reads`(
        _ spoken: ClientProtocol
    ) throws {
        let size = 64 << 20
        let origin = try ScriptedPeer { _ in
            [.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n"), .stream(size)]
        }
        let (proxy, client) = try meet(spoken, origin)
        try client.request("GET", "/", [], body: .none)
        #expect(try client.head().status == 200)
        // What came stops growing long before it is all there.
        var last = UInt64.max
        #expect(
            eventually {
                defer { last = proxy.backend().received }
                return proxy.backend().received == last
            }
        )
        #expect(proxy.backend().received < UInt64(size))
        #expect(client.body(of: size).count == size)
    }

    @Test(arguments: ClientProtocol.allCases)
    func `a tunnel carries bytes both ways and ends when both sides have ended`(_ spoken: ClientProtocol)
        throws
    {
        let origin = try ScriptedPeer { _ in
            [
                .send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"),
                .run { connection in
                    while let bytes = try connection.read(upTo: 4096) { try connection.send(bytes) }
                },
                .close,
            ]
        }
        let (proxy, client) = try meet(spoken, origin)
        try client.openTunnel("/tunnel")
        for text in ["hello", "again"] {
            try client.sendThrough(Array(text.utf8))
            #expect(client.readThrough(5) == Array(text.utf8))
        }
        #expect(client.endTunnel())
        #expect(eventually { proxy.backend().tunnels == 0 && proxy.clients.ends[EndReason.ok.rawValue] == 1 })
    }
}
