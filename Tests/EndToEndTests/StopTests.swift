import TestSupport
import Testing

/// Nobody is forgotten when the balancer stops, whatever the moment he came in.
@Suite struct StopTests {
    @Test func `an answer on its way when the balancer stops ends its connection`() throws {
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
        #expect(client.waitForClose(within: .seconds(2)) == .closed)
        #expect(balancer.process.waitForExit(within: .seconds(5)) == .code(0))
    }

    @Test(arguments: [true, false])
    func `a client that was not let in yet does not hold up a stop`(_ signalsFirst: Bool) throws {
        let origin = try Origin.ok()
        let balancer = try Balancer(backends: [origin.endpoint])
        let clients = try balancer.whileFrozen {
            if signalsFirst { balancer.process.signal(.terminate) }
            let clients = try (0..<20).map { _ in try RawClient(to: balancer.port) }
            if !signalsFirst { balancer.process.signal(.terminate) }
            return clients
        }
        #expect(balancer.process.waitForExit(within: .seconds(5)) == .code(0))
        for client in clients { #expect(client.waitForClose() != .timedOut) }
    }

    @Test func `a client that comes in the moment of the stop does not hold it up`() throws {
        let origin = try Origin.ok()
        let endings = concurrently(24) { index -> ProcessEnding? in
            guard let balancer = try? Balancer(backends: [origin.endpoint]) else { return .signal(0) }
            balancer.process.signal(.terminate)
            // Somewhere between the signal and the end of listening, it differs where.
            let moment = ContinuousClock.now + .microseconds(50 * index)
            while ContinuousClock.now < moment {}
            let client = balancer.whileFrozen {
                try? RawClient(to: balancer.port, patience: .milliseconds(500))
            }
            defer { client?.close() }
            return balancer.process.waitForExit(within: .seconds(5))
        }
        #expect(endings.allSatisfy { $0 == .code(0) }, "\(endings)")
    }
}
