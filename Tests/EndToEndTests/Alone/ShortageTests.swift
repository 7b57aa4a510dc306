import TestSupport
import Testing

/// What the balancer is short of is neither a backend's fault nor a client's.
@Suite(.serialized) struct ShortageTests {
    /// Sets the soft limit of descriptors of a running process and returns the one before.
    @discardableResult
    private func limitDescriptors(of balancer: Balancer, to count: Int) throws -> Int {
        let program = try #require(ExternalProgram("prlimit"))
        let process = ["--pid", "\(balancer.pid)"]
        let before = try program.run(process + ["--nofile", "--output", "SOFT", "--noheadings", "--raw"])
        let outcome = try program.run(process + ["--nofile=\(count):"])
        try #require(outcome.status == .code(0), "\(outcome.errors)")
        return try #require(Int(before.output.filter(\.isNumber)), "\(before)")
    }

    /// Origins whose connections are used once, so that each request needs a descriptor.
    private func closingOrigins(_ count: Int) throws -> [ScriptedPeer] {
        try (0..<count).map { _ in
            try ScriptedPeer { _ in [.send(answerText("ok", ["Connection: close"])), .close] }
        }
    }

    @Test func `a shortage of descriptors takes no backend out and ends with its cause`() throws {
        let origins = try closingOrigins(2)
        try withBalancer(origins.map(\.endpoint), quickHealth) { balancer throws in
            for origin in origins { #expect(origin.waitForProbes(1)) }
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(plainRequest).status == 200)
            // Three are always open, so that no new one is to be had.
            let before = try limitDescriptors(of: balancer, to: 3)
            for _ in 0..<4 {
                #expect(try client.exchange(plainRequest).status == 503)
                pass(.milliseconds(200))
            }
            let late = try RawClient(to: balancer.port)
            try late.send(plainRequest)
            #expect(balancer.waitForLog(" down ", within: .milliseconds(300)) == nil)
            try limitDescriptors(of: balancer, to: before)
            #expect(try client.exchange(plainRequest).status == 200)
            #expect(try late.readResponse().status == 200)
            #expect(balancer.logLines(" down ") == [])
        }
    }

    @Test func `more clients than descriptors are served when some of them have left`() throws {
        let gate = Gate()
        let origin = try ScriptedPeer { _ in [.wait(gate), .send(answerText("ok"))] }
        try withBalancer([origin.endpoint], quickHealth + ["--workers", "1"]) { balancer throws in
            #expect(origin.waitForProbes(1))
            let before = balancer.descriptorCount
            let clients = try (0..<40).map { _ in try RawClient(to: balancer.port) }
            #expect(eventually { balancer.descriptorCount >= before + 40 })
            try limitDescriptors(of: balancer, to: balancer.descriptorCount + 4)
            for client in clients { try client.send(plainRequest) }
            #expect(origin.waitForRequests(1))
            #expect(balancer.waitForLog(" down ", within: .seconds(1)) == nil)
            gate.open()
            for client in clients { #expect([200, 503].contains(try client.readResponse().status)) }
            for client in clients { client.close() }
            // Those who are in are seen to leave before the next ones come.
            #expect(eventually { balancer.descriptorCount < before + 20 })
            for _ in 0..<10 { #expect(try balancer.get().status == 200) }
            #expect(balancer.logLines(" down ") == [])
        }
    }

    /// Has each client send one request, read the answer and leave; returns what was not a 200.
    private func failures(_ sources: [String], at port: UInt16) -> [String] {
        concurrently(sources.count) { index -> String? in
            do {
                let client = try RawClient(to: port, from: sources[index])
                defer { client.close() }
                let status = try client.exchange(plainRequest).status
                return status == 200 ? nil : "\(status)"
            } catch {
                return "\(error)"
            }
        }.compactMap { $0 ?? "not in time" }
    }

    @Test func `an asked-for number of clients is reduced to what descriptors allow`() throws {
        let origins = try (0..<3).map { try Origin.ok("backend \($0)") }
        let balancer = try Balancer(
            backends: origins.map(\.endpoint),
            flags: ["--max-connections", "1000"] + quickHealth,
            descriptorLimit: 128
        )
        let line = try #require(balancer.waitForLog("--max-connections"))
        #expect(line.contains("warning"))
        let gate = Gate()
        for origin in origins { origin.answer { _ in [.wait(gate), .send(answerText("ok"))] } }
        let failures = Monitor<[String]?>(nil)
        let port = balancer.port
        onNewThread {
            let found = self.failures(PlacementReference.clients(200), at: port)
            failures.access { $0 = found }
        }
        #expect(origins[0].waitForRequests(1))
        pass(.milliseconds(500))
        gate.open()
        #expect(failures.wait(until: .after(.seconds(120))) { $0 } == [])
        #expect(balancer.logLines(" down ") == [])
        #expect(balancer.isRunning)
    }

    @Test func `connections at rest make room for clients of another backend`() throws {
        let arrived = Monitor(0)
        let size = 80
        let origins = try (0..<3).map { _ in
            // All requests of a burst are at the origin at once, so that each has a connection of its own.
            try ScriptedPeer { _ in
                let turn = arrived.access { count in
                    count += 1
                    return (count - 1) / size + 1
                }
                let rendezvous = PeerAction.run { _ in
                    _ = arrived.wait(until: .after(.milliseconds(700))) { $0 >= turn * size ? true : nil }
                }
                return [rendezvous, .send(answerText("ok"))]
            }
        }
        let balancer = try Balancer(
            backends: origins.map(\.endpoint),
            flags: ["--access-log", "off"],
            descriptorLimit: 256
        )
        for round in 0..<6 {
            let source = PlacementReference.clients(of: round % 3, among: 3, 2)[round / 3]
            let failures = failures(Array(repeating: source, count: size), at: balancer.port)
            #expect(failures == [], "burst \(round)")
            pass(.milliseconds(300))
        }
        #expect(balancer.logLines(" down ") == [])
        #expect(balancer.isRunning)
    }
}
