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
        #expect(client.waitForClose() == .closed)
        #expect(balancer.process.waitForExit(within: .seconds(20)) == .code(0))
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
        #expect(balancer.process.waitForExit(within: .seconds(20)) == .code(0))
        for client in clients { #expect(client.waitForClose() != .timedOut) }
    }

    @Test func `clients that come in the moment of the stop do not hold it up`() throws {
        let answer = Gate()
        let origin = try ScriptedPeer { _ in [.wait(answer), .send(answerText("done"))] }
        // With nobody in, the end would not wait for anybody.
        var rounds: [(balancer: Balancer, busy: RawClient, late: [RawClient])] = []
        for number in 1...8 {
            let balancer = try Balancer(backends: [origin.endpoint])
            let busy = try RawClient(to: balancer.port)
            try busy.send(plainRequest)
            #expect(origin.waitForRequests(number))
            let count = Monitor(0)
            onNewThread {
                _ = count.wait(until: .after()) { $0 >= 10 ? true : nil }
                balancer.process.signal(.terminate)
            }
            // Each comes again and again until he is refused, and stays.
            let late = concurrently(2) { _ -> [RawClient] in
                var clients: [RawClient] = []
                let patience = Duration.milliseconds(500)
                while clients.count < 40, let client = try? RawClient(to: balancer.port, patience: patience) {
                    clients.append(client)
                    count.access { $0 += 1 }
                }
                return clients
            }
            rounds.append((balancer, busy, late.flatMap { $0 ?? [] }))
        }
        answer.open()
        for round in rounds {
            #expect(try round.busy.readResponse().text == "done")
            #expect(round.balancer.process.waitForExit(within: .seconds(20)) == .code(0))
            for client in round.late { client.close() }
        }
    }
}
