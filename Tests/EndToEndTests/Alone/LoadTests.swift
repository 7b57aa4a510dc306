import Synchronization
import TestSupport
import Testing

/// Many clients at once, while things break and limits are reached.
@Suite(.serialized) struct LoadTests {
    @Test func `no request fails while one of three backends dies`() throws {
        let origins = try (0..<3).map { try Origin.ok("backend \($0)") }
        let total = 2000
        let workers = 32
        let done = Monitor(0)
        try withBalancer(origins.map(\.endpoint), quickHealth) { balancer throws in
            let port = balancer.port
            let clients = PlacementReference.clients(workers)
            onNewThread {
                _ = done.wait(until: .after(.seconds(180))) { $0 >= total / 3 ? true : nil }
                origins[1].stop()
            }
            let failures = concurrently(workers) { worker -> [String] in
                var failures: [String] = []
                var client: RawClient?
                for number in stride(from: worker, to: total, by: workers) {
                    do {
                        let connection = try client ?? RawClient(to: port, from: clients[worker])
                        let response = try connection.exchange(requestText("GET", "/\(number)"))
                        client = response.announcesClose ? nil : connection
                        if response.status != 200 { failures.append("/\(number): \(response.status)") }
                    } catch {
                        failures.append("/\(number): \(error)")
                        client = nil
                    }
                    done.access { $0 += 1 }
                }
                return failures
            }
            #expect(failures.allSatisfy { $0 != nil })
            #expect(failures.compactMap { $0 }.flatMap { $0 } == [])
            #expect(done.read { $0 } == total)
            #expect(balancer.waitForLog("backend \(origins[1].endpoint) down") != nil)
        }
        let alive = origins[0].requestCount + origins[2].requestCount
        #expect(origins[1].requestCount > 0)
        #expect(alive + origins[1].requestCount >= total)
    }

    @Test func `clients beyond the limit wait until one leaves, and waiting costs nothing`() throws {
        let gate = Gate()
        let origin = try ScriptedPeer { _ in [.wait(gate), .send(answerText("ok"))] }
        try withBalancer(origin, ["--max-connections", "2"]) { balancer throws in
            let first = try RawClient(to: balancer.port)
            let second = try RawClient(to: balancer.port)
            try first.send(plainRequest)
            try second.send(plainRequest)
            #expect(origin.waitForRequests(2))
            let third = try RawClient(to: balancer.port)
            try third.send(requestText("GET", "/third"))
            let before = balancer.processorTime
            #expect(!origin.waitForRequests(3, within: .seconds(1)))
            #expect(balancer.processorTime - before < .milliseconds(150))
            second.close()
            #expect(origin.waitForRequests(3))
            gate.open()
            #expect(try first.readResponse().status == 200)
            #expect(try third.readResponse().status == 200)
        }
    }

    /// Connects many clients and has each ask while the process is frozen, so that it finds all of them at once.
    private func burst(_ count: Int, at balancer: Balancer) throws -> [RawClient] {
        balancer.process.signal(.freeze)
        defer { balancer.process.signal(.resume) }
        let clients = try (0..<count).map { _ in try RawClient(to: balancer.port) }
        for client in clients { try client.send(plainRequest) }
        return clients
    }

    /// Reads one answer on each connection and closes it, all at the same time: who gets in first is nobody's promise.
    private func statuses(of clients: [RawClient]) -> [Int?] {
        let results = concurrently(clients.count) { index -> Int? in
            defer { clients[index].close() }
            return clients[index].readOutcome(within: .seconds(120)).response?.status
        }
        return results.map { $0 ?? nil }
    }

    @Test func `a burst of clients does not pass the limit`() throws {
        let gate = Gate()
        let origin = try ScriptedPeer { _ in [.wait(gate), .send(answerText("ok"))] }
        try withBalancer(origin, ["--max-connections", "2"]) { balancer throws in
            let clients = try burst(20, at: balancer)
            #expect(origin.waitForRequests(2))
            #expect(!origin.waitForRequests(3, within: .milliseconds(500)))
            gate.open()
            #expect(statuses(of: clients) == Array(repeating: 200, count: 20))
        }
    }

    @Test func `running out of descriptors costs waiting and nothing else`() throws {
        let gate = Gate()
        let origin = try ScriptedPeer { _ in [.wait(gate), .send(answerText("ok"))] }
        let balancer = try Balancer(backends: [origin.endpoint], descriptorLimit: 128)
        let clients = try burst(300, at: balancer)
        #expect(origin.waitForRequests(2))
        pass(.milliseconds(200))
        let before = balancer.processorTime
        pass(.milliseconds(500))
        #expect(balancer.processorTime - before < .milliseconds(150))
        gate.open()
        #expect(statuses(of: clients) == Array(repeating: 200, count: 300))
        #expect(balancer.isRunning)
    }

    @Test func `descriptors come back when clients leave`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--access-log", "off"]) { balancer throws in
            #expect(try balancer.get().status == 200)
            let before = balancer.descriptorCount
            #expect(before > 3)
            let clients = try (0..<200).map { _ in try RawClient(to: balancer.port) }
            for client in clients { try client.send(plainRequest) }
            for client in clients { #expect(try client.readResponse().status == 200) }
            #expect(balancer.descriptorCount >= before + 200)
            for (index, client) in clients.enumerated() {
                if index % 2 == 0 { client.close() } else { client.reset() }
            }
            origin.resetConnections()
            #expect(eventually { balancer.descriptorCount <= before })
        }
    }

    @Test func `a thousand connections that come and go leave nothing behind`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--access-log", "off"]) { balancer throws in
            #expect(try balancer.get().status == 200)
            let before = balancer.descriptorCount
            for round in 0..<1000 {
                let client = try RawClient(to: balancer.port)
                switch round % 4 {
                case 0: client.reset()
                case 1: client.close()
                case 2:
                    try client.send("GET / HT")
                    client.reset()
                default:
                    try client.send(plainRequest)
                    client.reset()
                }
            }
            #expect(try balancer.get().status == 200)
            origin.resetConnections()
            #expect(eventually { balancer.descriptorCount <= before })
        }
    }

    @Test func `an idle balancer uses no processor`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin) { balancer throws in
            let clients = try (0..<50).map { _ in try RawClient(to: balancer.port) }
            for client in clients { #expect(try client.exchange(plainRequest).status == 200) }
            let before = balancer.processorTime
            pass(.seconds(1))
            #expect(balancer.processorTime - before < .milliseconds(100))
            for client in clients { client.close() }
        }
    }
}
