import TestSupport
import Testing

/// Stopping lets what is in flight finish, and no longer than it was told.
@Suite struct DrainTests {
    @Test(arguments: [Signal.terminate, .interrupt])
    func `an idle balancer stops at once and cleanly`(_ signal: Signal) throws {
        let origin = try Origin.ok()
        let balancer = try Balancer(backends: [origin.endpoint])
        let client = try RawClient(to: balancer.port)
        #expect(try client.exchange(plainRequest).status == 200)
        #expect(balancer.stop(signal, within: .seconds(20)) == .code(0))
        #expect(client.waitForClose() == .closed)
    }

    @Test func `what is in flight finishes and says that it was the last`() throws {
        let gate = Gate()
        let origin = try ScriptedPeer { _ in [.wait(gate), .send(answerText("done"))] }
        let balancer = try Balancer(backends: [origin.endpoint])
        let client = try RawClient(to: balancer.port)
        try client.send(plainRequest)
        #expect(origin.waitForRequests(1))
        balancer.process.signal(.terminate)
        let port = balancer.port
        #expect(eventually { (try? RawClient(to: port, patience: .seconds(1))) == nil })
        #expect(balancer.isRunning)
        gate.open()
        let response = try client.readResponse()
        #expect(response.text == "done")
        #expect(response.announcesClose)
        #expect(client.waitForClose() == .closed)
        #expect(balancer.process.waitForExit(within: .seconds(20)) == .code(0))
    }

    @Test func `an answer on its way finishes`() throws {
        let gate = Gate()
        let origin = try ScriptedPeer { _ in
            [.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf"), .wait(gate), .send("full")]
        }
        let balancer = try Balancer(backends: [origin.endpoint])
        let client = try RawClient(to: balancer.port)
        try client.send(plainRequest)
        #expect(try client.readHead().status == 200)
        balancer.process.signal(.terminate)
        #expect(eventually { (try? RawClient(to: balancer.port, patience: .seconds(1))) == nil })
        gate.open()
        #expect(client.read(exactly: 8) == Array("halffull".utf8))
        #expect(client.waitForClose() == .closed)
        #expect(balancer.process.waitForExit(within: .seconds(20)) == .code(0))
    }

    @Test func `an upload on its way finishes`() throws {
        let origin = try Origin.ok()
        let balancer = try Balancer(backends: [origin.endpoint])
        let client = try RawClient(to: balancer.port)
        try client.send(requestText("POST", "/", ["Content-Length: 8"], body: "half"))
        #expect(eventually { origin.acceptedCount == 1 })
        balancer.process.signal(.terminate)
        #expect(eventually { (try? RawClient(to: balancer.port, patience: .seconds(1))) == nil })
        try client.send("full")
        #expect(try client.readResponse(to: "POST").status == 200)
        #expect(balancer.process.waitForExit(within: .seconds(20)) == .code(0))
        #expect(origin.requests.first?.bodyText == "halffull")
    }

    @Test func `what takes longer than the limit is cut, and the exit status says so`() throws {
        let origin = try ScriptedPeer { _ in [.stall] }
        let balancer = try Balancer(backends: [origin.endpoint], flags: ["--drain-timeout", "500ms"])
        let client = try RawClient(to: balancer.port)
        try client.send(plainRequest)
        #expect(origin.waitForRequests(1))
        let (status, took) = timed { balancer.stop(.terminate) }
        #expect(status == .code(2))
        #expect(took > .milliseconds(400))
        #expect(client.readOutcome().response == nil)
    }

    /// Of a protocol that cannot be told goodbye.
    private static let switching =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n"

    @Test func `an open tunnel is in flight`() throws {
        let origin = try ScriptedPeer { _ in [.send(Self.switching), .stall] }
        let balancer = try Balancer(backends: [origin.endpoint], flags: ["--drain-timeout", "300ms"])
        let client = try RawClient(to: balancer.port)
        #expect(
            try client.exchange(requestText("GET", "/", ["Connection: Upgrade", "Upgrade: other"])).status
                == 101
        )
        #expect(balancer.stop(.terminate) == .code(2))
    }

    @Test func `a second signal cuts at once`() throws {
        let origin = try ScriptedPeer { _ in [.stall] }
        let balancer = try Balancer(backends: [origin.endpoint], flags: ["--drain-timeout", "60s"])
        let client = try RawClient(to: balancer.port)
        try client.send(plainRequest)
        #expect(origin.waitForRequests(1))
        balancer.process.signal(.terminate)
        #expect(eventually { (try? RawClient(to: balancer.port, patience: .seconds(1))) == nil })
        #expect(balancer.isRunning)
        #expect(balancer.stop(.terminate, within: .seconds(20)) == .code(2))
        #expect(client.readOutcome().response == nil)
    }

    @Test func `probes do not hold up a stop`() throws {
        let origin = try Origin.ok()
        origin.welcome(.ignore)
        let flags = ["--health-interval", "60s", "--health-timeout", "60s"]
        let balancer = try Balancer(backends: [origin.endpoint], flags: flags)
        #expect(eventually { origin.acceptedCount == 1 })
        #expect(balancer.stop(.terminate, within: .seconds(20)) == .code(0))
    }
}
