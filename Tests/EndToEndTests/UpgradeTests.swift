import TestSupport
import Testing

/// A connection becomes a tunnel when the origin agrees, not before.
@Suite struct UpgradeTests {
    static let upgradeRequest = requestText("GET", "/chat", ["Connection: Upgrade", "Upgrade: websocket"])
    static let switching =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"

    /// Sends back everything until the other side has ended its direction.
    static let echo = PeerAction.run { connection in
        while let bytes = try connection.read(upTo: .max) { try connection.send(bytes) }
        connection.shutDownWriting()
    }

    @Test func `the wish and the agreement both pass`() throws {
        let origin = try ScriptedPeer { _ in [.send(Self.switching), Self.echo, .close] }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            let response = try client.exchange(Self.upgradeRequest)
            #expect(response.status == 101)
            #expect(response["Upgrade"] == "websocket")
            #expect(response["Connection"]?.lowercased() == "upgrade")
        }
        let request = try #require(origin.requests.first)
        #expect(request["Upgrade"] == "websocket")
        #expect(request["Connection"]?.lowercased() == "upgrade")
    }

    @Test func `bytes pass both ways as they are`() throws {
        let origin = try ScriptedPeer { _ in [.send(Self.switching), Self.echo, .close] }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(Self.upgradeRequest).status == 101)
            for text in ["hello", "\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "\0\u{1}\n"] {
                try client.send(text)
                #expect(client.read(exactly: text.utf8.count) == Array(text.utf8))
            }
            let large = Pattern.prefix(1 << 20)
            onNewThread { try? client.send(large) }
            #expect(client.read(exactly: large.count) == large)
        }
        #expect(origin.requestCount == 1)
    }

    @Test func `a client may end its direction and still read`() throws {
        let origin = try ScriptedPeer { _ in
            [
                .send(Self.switching),
                .run { connection in
                    var count = 0
                    while let bytes = try connection.read(upTo: .max) { count += bytes.count }
                    try connection.send("got \(count)")
                }, .close,
            ]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(Self.upgradeRequest).status == 101)
            try client.send("hello")
            client.halfClose()
            let (bytes, ending) = client.readToEnd()
            #expect(String(decoding: bytes, as: UTF8.self) == "got 5")
            #expect(ending == .closed)
        }
    }

    @Test func `an origin may end its direction and still read`() throws {
        let received = Monitor("")
        let origin = try ScriptedPeer { _ in
            [
                .send(Self.switching + "bye"),
                .run { connection in
                    connection.shutDownWriting()
                    while let bytes = try connection.read(upTo: .max) {
                        received.access { $0 += String(decoding: bytes, as: UTF8.self) }
                    }
                }, .close,
            ]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(Self.upgradeRequest).status == 101)
            let (bytes, ending) = client.readToEnd()
            #expect(bytes == Array("bye".utf8))
            #expect(ending == .closed)
            try client.send("one more thing")
            client.halfClose()
            #expect(origin.waitForEnd(of: 1) == .endedHere)
            #expect(received.read { $0 } == "one more thing")
        }
    }

    @Test func `bytes a client sent before the agreement are not lost`() throws {
        let gate = Gate()
        let origin = try ScriptedPeer { _ in [.wait(gate), .send(Self.switching), Self.echo, .close] }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(Self.upgradeRequest + "early ")
            #expect(origin.waitForRequests(1))
            try client.send("bird")
            gate.open()
            #expect(try client.readResponse().status == 101)
            #expect(String(decoding: client.read(exactly: 10), as: UTF8.self) == "early bird")
        }
    }

    @Test func `bytes the origin sends with its agreement are not lost`() throws {
        let origin = try ScriptedPeer { _ in [.send(Self.switching + "welcome"), Self.echo, .close] }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(Self.upgradeRequest).status == 101)
            #expect(String(decoding: client.read(exactly: 7), as: UTF8.self) == "welcome")
        }
    }

    @Test func `what follows a declined wish is a request`() throws {
        let origin = try ScriptedPeer { request in [.send(answerText("no to \(request.target)"))] }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(Self.upgradeRequest + requestText("GET", "/next"))
            #expect(try client.readResponse().text == "no to /chat")
            #expect(try client.readResponse().text == "no to /next")
        }
    }

    @Test func `the end of a client ends the origin's connection`() throws {
        let origin = try ScriptedPeer { _ in [.send(Self.switching), .stall] }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(Self.upgradeRequest).status == 101)
            client.reset()
            #expect(origin.waitForEnd(of: 1) != nil)
        }
    }

    @Test func `the end of an origin ends the client's connection`() throws {
        let origin = try ScriptedPeer { _ in
            [.send(Self.switching), .run { _ = try $0.read(upTo: 1) }, .reset]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(Self.upgradeRequest).status == 101)
            try client.send("x")
            #expect([.closed, .reset].contains(client.waitForClose()))
        }
    }

    @Test func `a tunnel that rests too long is ended`() throws {
        let origin = try ScriptedPeer { _ in [.send(Self.switching), Self.echo, .close] }
        try withBalancer(origin, ["--tunnel-timeout", "500ms"]) { balancer throws in
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(Self.upgradeRequest).status == 101)
            let (ending, took) = timed { client.waitForClose() }
            #expect(ending != nil && ending != .timedOut)
            #expect(took > .milliseconds(300))
        }
    }

    @Test func `a tunnel is logged with its status when it ends`() throws {
        let origin = try ScriptedPeer { _ in [.send(Self.switching), Self.echo, .close] }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(Self.upgradeRequest).status == 101)
            client.halfClose()
            #expect(client.waitForClose() == .closed)
            #expect(balancer.waitForAccessLine(path: "/chat")?.status == 101)
        }
    }
}
