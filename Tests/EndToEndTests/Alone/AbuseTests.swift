import Glibc
import TestSupport
import Testing

/// What hostile clients hold is bounded, others are served meanwhile, and nothing is left when they are gone.
@Suite(.serialized, .enabled(if: Sanitizer.current != .thread, "its slowness outlasts the limits of time"))
struct AbuseTests {
    /// How many connections a test may open beside those of the balancer and its backends.
    private static let descriptors = OwnDescriptors.raise()

    /// Insists that the process has grown by so much at most.
    private func expectGrowth(of balancer: Balancer, since memory: Int, atMost limit: Int) {
        let grown = balancer.residentBytes - memory
        #expect(grown < limit || Balancer.isSanitized, "\(grown) bytes")
    }

    private func expectService(of balancer: Balancer, from source: String? = nil) throws {
        for _ in 0..<20 { #expect(try balancer.get("/small", from: source).text == "small") }
    }

    @Test func `slow heads, slow bodies and slow readers hold up nobody and end in time`() throws {
        let size = 4 << 20
        let origin = try ScriptedPeer(trigger: .head) { request in
            if request.target == "/small" { return [.send(answerText("small"))] }
            if request.method == "POST" { return [.readBody, .send(answerText("whole"))] }
            return [.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n"), .stream(size)]
        }
        let flags = ["--client-header-timeout", "2s", "--client-body-timeout", "2s", "--access-log", "off"]
        try withBalancer([origin.endpoint], flags) { balancer throws in
            try expectService(of: balancer)
            let memory = balancer.residentBytes
            let descriptors = balancer.descriptorCount
            let heads = try Crowd(100, to: balancer.port)
            let bodies = try Crowd(100, to: balancer.port)
            let readers = try Crowd(100, to: balancer.port, receiveBuffer: 4096)
            heads.send("GET /slow HTTP/1.1\r\nHost: example.test\r\nX: ")
            bodies.send(requestText("POST", "/slow", ["Content-Length: 100000"], body: "x"))
            readers.send(requestText("GET", "/slow"))
            #expect(origin.waitForRequests(220))
            // A byte now and then: the limit of a head is for all of it, so that does not help.
            for _ in 0..<5 {
                heads.send("x")
                bodies.send("x")
                _ = readers.readByte()
                try expectService(of: balancer)
            }
            // An answer that is not read takes the queue up to its mark and one read beyond.
            expectGrowth(of: balancer, since: memory, atMost: 100 * 400 * 1024)
            // Nobody lets go by himself, so it is the balancer that does.
            #expect(eventually { balancer.descriptorCount <= descriptors + 5 })
            for crowd in [heads, bodies, readers] { crowd.close() }
        }
    }

    @Test func `idle connections cost little each`() throws {
        let count = min(9000, (Self.descriptors - 400) / 2)
        let origin = try Origin.ok("small")
        try withBalancer([origin.endpoint], ["--access-log", "off"]) { balancer throws in
            try expectService(of: balancer)
            let memory = balancer.residentBytes
            let descriptors = balancer.descriptorCount
            let crowd = try Crowd(count, to: balancer.port)
            // Some of those who were served before may have been open still when the first count was taken.
            #expect(eventually { balancer.descriptorCount >= descriptors + count - 20 })
            try expectService(of: balancer)
            expectGrowth(of: balancer, since: memory, atMost: count * 4096)
            let time = balancer.processorTime
            pass(.milliseconds(500))
            #expect(balancer.processorTime - time < .milliseconds(150))
            crowd.close()
            #expect(eventually { balancer.descriptorCount <= descriptors })
            try expectService(of: balancer)
        }
    }

    @Test func `uploads that stay half open cost what was sent of them`() throws {
        let count = min(2000, (Self.descriptors - 400) / 4)
        let silent = try SilentOrigin()
        let origin = try Origin.ok("small")
        let flags = ["--access-log", "off"]
        try withBalancer([silent.endpoint, origin.endpoint], flags) { balancer throws in
            let other = PlacementReference.client(of: 1, among: 2)
            try expectService(of: balancer, from: other)
            let memory = balancer.residentBytes
            let descriptors = balancer.descriptorCount
            let sources = PlacementReference.clients(of: 0, among: 2, 8)
            let crowd = try Crowd(count, to: balancer.port, from: sources)
            let body = String(repeating: "x", count: 16_384)
            crowd.send(requestText("POST", "/", ["Content-Length: \(1 << 30)"], body: body))
            #expect(eventually { balancer.descriptorCount >= descriptors + 2 * count - 20 })
            try expectService(of: balancer, from: other)
            // What was sent is kept for another attempt, and an exchange has a little memory of its own.
            expectGrowth(of: balancer, since: memory, atMost: count * 48 * 1024)
            crowd.close()
            #expect(eventually { balancer.descriptorCount <= descriptors })
            try expectService(of: balancer, from: other)
        }
    }

    @Test func `requests without end and a client that reads nothing cost a bounded queue`() throws {
        let body = String(repeating: "y", count: 16_384)
        let origin = try ScriptedPeer { request in
            [.send(answerText(request.target == "/small" ? "small" : body))]
        }
        try withBalancer([origin.endpoint], ["--access-log", "off"]) { balancer throws in
            try expectService(of: balancer)
            let memory = balancer.residentBytes
            let client = try RawClient(to: balancer.port, receiveBuffer: 4096)
            let sent = Monitor(0)
            onNewThread {
                let flood = Array(String(repeating: requestText("GET", "/flood"), count: 1000).utf8)
                for _ in 0..<2000 {
                    guard (try? client.send(flood, within: .seconds(1))) != nil else { return }
                    sent.access { $0 += flood.count }
                }
            }
            #expect(sent.wait(until: .after()) { $0 > 0 ? true : nil } == true)
            var last = -1
            #expect(
                eventually {
                    pass(.milliseconds(300))
                    defer { last = origin.requestCount }
                    return origin.requestCount == last
                }
            )
            expectGrowth(of: balancer, since: memory, atMost: 8 << 20)
            try expectService(of: balancer)
            let time = balancer.processorTime
            pass(.milliseconds(500))
            #expect(balancer.processorTime - time < .milliseconds(150))
            client.reset()
            try expectService(of: balancer)
        }
    }

    @Test(arguments: ["64k", "1m"])
    func `heads without end are refused at the limit`(_ limit: String) throws {
        let origin = try Origin.ok("small")
        let flags = ["--max-header-size", limit, "--access-log", "off"]
        try withBalancer([origin.endpoint], flags) { balancer throws in
            try expectService(of: balancer)
            let memory = balancer.residentBytes
            let start = Array(requestText("GET", "/large").dropLast(2).utf8)
            let field = Array(("X: " + String(repeating: "x", count: 1000) + "\r\n").utf8)
            let flood =
                start + [[UInt8]](repeating: field, count: 80).joined()
                + Array("X: ".utf8) + [UInt8](repeating: 120, count: 1 << 20)
            let count = 64
            let statuses = concurrently(count) { _ -> Int? in
                guard let client = try? RawClient(to: balancer.port) else { return nil }
                try? client.send(flood)
                return client.readOutcome().response?.status
            }
            #expect(statuses.map { $0 ?? nil } == Array(repeating: 431, count: count))
            let most = limit == "1m" ? count * 3 << 20 : 32 << 20
            expectGrowth(of: balancer, since: memory, atMost: most)
            try expectService(of: balancer)
        }
    }
}
