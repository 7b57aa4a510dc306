import TestSupport
import Testing

/// A connection that an answer said is kept is kept for the next request, whatever happens in between.
@Suite struct KeptConnectionTests {
    /// An origin whose answer to `/parts` comes in two parts, the second one when the gate opens.
    private static func partingOrigin(_ gate: Gate) throws -> ScriptedPeer {
        try ScriptedPeer { request in
            guard request.target == "/parts" else { return [.send(answerText("next"))] }
            return [.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234"), .wait(gate), .send("56789")]
        }
    }

    /// Runs `body` with a balancer that may end.
    private func withStopping(_ origin: ScriptedPeer, _ body: (Balancer) throws -> Void) throws {
        let balancer = try Balancer(backends: [origin.endpoint])
        defer { balancer.kill() }
        try body(balancer)
    }

    /// Whether the next request on the connection is answered, is told that it is the last, and the end follows.
    private func expectLast(_ client: RawClient, _ sourceLocation: SourceLocation = #_sourceLocation) throws {
        let response = try client.readResponse()
        #expect(response.text == "next" && response.announcesClose, sourceLocation: sourceLocation)
        #expect(client.waitForClose() == .closed, sourceLocation: sourceLocation)
    }

    /// How the next request comes.
    enum Next: CaseIterable {
        case afterTheAnswer, pipelined
    }

    @Test(arguments: Next.allCases)
    func `a stop between head and body does not take the connection that the head promised`(_ next: Next)
        throws
    {
        let gate = Gate()
        let origin = try Self.partingOrigin(gate)
        try withStopping(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(requestText("GET", "/parts"))
            let head = try client.readHead()
            #expect(!head.announcesClose)
            balancer.process.signal(.terminate)
            #expect(balancer.waitForLog("connections open: 1") != nil)
            // The workers hear of it.
            pass(.milliseconds(100))
            if next == .pipelined { try client.send(requestText("GET", "/next")) }
            gate.open()
            #expect(client.read(exactly: 10) == Array("0123456789".utf8))
            if next == .afterTheAnswer { try client.send(requestText("GET", "/next")) }
            try expectLast(client)
            #expect(balancer.process.waitForExit() == .code(0))
        }
    }

    @Test func `a client that was promised a kept connection and does not use it does not hold the stop`()
        throws
    {
        let gate = Gate()
        let origin = try Self.partingOrigin(gate)
        try withStopping(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(requestText("GET", "/parts"))
            _ = try client.readHead()
            balancer.process.signal(.terminate)
            #expect(balancer.waitForLog("connections open: 1") != nil)
            gate.open()
            #expect(client.read(exactly: 10).count == 10)
            #expect(client.waitForClose() == .closed)
            #expect(balancer.process.waitForExit(within: .seconds(20)) == .code(0))
        }
    }

    @Test func `a take-over between head and body does not take the connection that the head promised`()
        throws
    {
        let gate = Gate()
        let origin = try Self.partingOrigin(gate)
        let flags = ["--listen", "127.0.0.1:0", "--reuse-port", "on"]
        let first = try Balancer(backends: [origin.endpoint], flags: flags)
        let client = try RawClient(to: first.port)
        try client.send(requestText("GET", "/parts"))
        _ = try client.readHead()
        let second = try Balancer(
            backends: [origin.endpoint],
            flags: ["--listen", "127.0.0.1:\(first.port)", "--reuse-port", "on"]
        )
        first.process.signal(.terminate)
        #expect(first.waitForLog("connections open: 1") != nil)
        pass(.milliseconds(100))
        gate.open()
        #expect(client.read(exactly: 10).count == 10)
        try client.send(requestText("GET", "/next"))
        try expectLast(client)
        #expect(first.process.waitForExit() == .code(0))
        #expect(try second.get("/next").text == "next")
    }

    @Test func `a reload that takes the listener out leaves its clients`() throws {
        let origin = try Origin.ok("next")
        let folder = try TemporaryFolder()
        func text(_ listen: String) -> String { "backend = '\(origin.endpoint)'\nlisten = '\(listen)'\n" }
        let path = try folder.write(text("127.0.0.1:0"), to: "swerve.toml")
        let balancer = try Balancer(backends: [], flags: ["--config", path], listens: false)
        let client = try RawClient(to: balancer.port)
        try client.send(plainRequest)
        #expect(try !client.readResponse().announcesClose)
        try folder.write(text("127.0.0.2:0"), to: "swerve.toml")
        balancer.process.signal(.hangUp)
        #expect(balancer.waitForLog("reloaded") != nil)
        for _ in 0..<3 {
            try client.send(plainRequest)
            #expect(try !client.readResponse().announcesClose)
        }
    }

    @Test func `a request that comes in the instant in which the rest ends is answered`() throws {
        let origin = try Origin.ok("next")
        try withBalancer(origin, ["--client-idle-timeout", "500ms"]) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(plainRequest)
            _ = try client.readResponse()
            // The process finds the end of the rest and the request at once.
            try balancer.whileFrozen {
                pass(.milliseconds(700))
                try client.send(plainRequest)
            }
            #expect(try client.readResponse().text == "next")
        }
    }

    @Test func `a place is not given to a newcomer when its client has just asked again`() throws {
        let origin = try Origin.ok("next")
        try withBalancer(origin, ["--max-connections", "1", "--workers", "1"]) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(plainRequest)
            _ = try client.readResponse()
            pass(.milliseconds(300))
            let newcomer = try balancer.whileFrozen {
                let newcomer = try RawClient(to: balancer.port)
                try newcomer.send(plainRequest)
                pass(.milliseconds(300))
                try client.send(plainRequest)
                return newcomer
            }
            #expect(try client.readResponse().text == "next")
            #expect(try newcomer.readResponse().text == "next")
        }
    }
}
