import TestSupport
import Testing

/// What a signal does, and what the log still gets.
@Suite struct SignalTests {
    @Test(arguments: [Signal.user1, .user2])
    func `a signal that reloads other servers does not end this one`(_ signal: Signal) throws {
        let origin = try Origin.ok()
        try withBalancer(origin) { balancer throws in
            balancer.process.signal(signal)
            #expect(balancer.process.errors.waitForLine { $0.contains("does nothing here") } != nil)
            #expect(try balancer.get().status == 200)
        }
    }

    @Test func `a quit lets an answer on its way finish`() throws {
        let gate = Gate()
        let origin = try ScriptedPeer { _ in [.wait(gate), .send(answerText("done"))] }
        let balancer = try Balancer(backends: [origin.endpoint])
        let client = try RawClient(to: balancer.port)
        try client.send(plainRequest)
        #expect(origin.waitForRequests(1))
        balancer.process.signal(.quit)
        #expect(eventually { (try? RawClient(to: balancer.port, patience: .seconds(1))) == nil })
        gate.open()
        #expect(try client.readResponse().text == "done")
        #expect(balancer.process.waitForExit(within: .seconds(20)) == .code(0))
    }

    /// The last lines are written in the very turn that ends the process.
    @Test(arguments: 0..<4)
    func `every exchange that a stop cuts is in the log`(_ round: Int) throws {
        let gate = Gate()
        let origin = try ScriptedPeer { _ in [.wait(gate)] }
        let balancer = try Balancer(backends: [origin.endpoint], flags: ["--workers", "2"])
        let clients = try (0..<200).map { _ in try RawClient(to: balancer.port) }
        for client in clients { try client.send(plainRequest) }
        #expect(origin.waitForRequests(200))
        balancer.process.signal(.terminate)
        #expect(eventually { (try? RawClient(to: balancer.port, patience: .seconds(1))) == nil })
        balancer.process.signal(.terminate)
        #expect(balancer.process.waitForExit(within: .seconds(20)) == .code(2))
        gate.open()
        #expect(eventually { balancer.accessLines.count == 200 }, "\(balancer.accessLines.count)")
        for client in clients { client.close() }
    }
}
