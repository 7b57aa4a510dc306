import TestSupport
import Testing

/// When every place is taken, those who rest make room, those who work stay, and everything else keeps its descriptors.
@Suite(.serialized) struct CrowdTests {
    @Test func `the client that has rested longest makes room for one that waits`() throws {
        let origin = try Origin.ok()
        try withBalancer([origin.endpoint], ["--max-connections", "2", "--workers", "1"]) { balancer throws in
            let first = try RawClient(to: balancer.port)
            let second = try RawClient(to: balancer.port)
            #expect(try first.exchange(plainRequest).status == 200)
            #expect(try second.exchange(plainRequest).status == 200)
            let third = try RawClient(to: balancer.port)
            #expect(try third.exchange(plainRequest).status == 200)
            #expect(first.waitForClose() == .closed)
            #expect(try second.exchange(plainRequest).status == 200)
            #expect(balancer.logLines("clients at rest let go for others: 1;").count == 1)
        }
    }

    @Test func `nobody is let go while nobody waits`() throws {
        let origin = try Origin.ok()
        try withBalancer([origin.endpoint], ["--max-connections", "2"]) { balancer throws in
            let clients = try (0..<2).map { _ in try RawClient(to: balancer.port) }
            for _ in 0..<2 {
                for client in clients { #expect(try client.exchange(plainRequest).status == 200) }
                pass(.milliseconds(500))
            }
            #expect(balancer.logLines("let go").isEmpty)
        }
    }

    @Test func `a client in the middle of something is not let go`() throws {
        let gate = Gate()
        let origin = try ScriptedPeer(trigger: .head) { request in
            [.wait(gate), .readBody, .send(answerText("ok"))]
        }
        try withBalancer([origin.endpoint], ["--max-connections", "3"]) { balancer throws in
            let busy = try RawClient(to: balancer.port)
            try busy.send(plainRequest)
            let uploading = try RawClient(to: balancer.port)
            try uploading.send(requestText("POST", "/", ["Content-Length: 2"], body: "o"))
            let slow = try RawClient(to: balancer.port)
            try slow.send("GET / HTTP/1.1\r\n")
            #expect(origin.waitForRequests(2))
            let waiting = try RawClient(to: balancer.port)
            try waiting.send(plainRequest)
            #expect(!origin.waitForRequests(3, within: .milliseconds(800)))
            gate.open()
            try uploading.send("k")
            try slow.send("Host: example.test\r\n\r\n")
            for client in [busy, uploading, slow, waiting] {
                #expect(try client.readResponse().status == 200)
            }
        }
    }

    @Test func `idle connections without end lock nobody out`() throws {
        let origin = try Origin.ok()
        try withBalancer([origin.endpoint], ["--max-connections", "40"]) { balancer throws in
            let crowd = try Crowd(400, to: balancer.port)
            for _ in 0..<3 { #expect(try balancer.get(within: .seconds(120)).status == 200) }
            #expect(balancer.descriptorCount < 40 + 60)
            #expect(balancer.logLines("let go").count < 10)
            crowd.close()
            for _ in 0..<20 { #expect(try balancer.get().status == 200) }
        }
    }

    @Test func `a flood past the limit of descriptors leaves probes and exchanges theirs`() throws {
        let gate = Gate()
        let origin = try ScriptedPeer { request in
            guard request.target == "/long" else { return [.send(answerText("ok"))] }
            return [.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf"), .wait(gate), .send("done")]
        }
        let balancer = try Balancer(
            backends: [origin.endpoint],
            flags: quickHealth + ["--access-log", "off"],
            descriptorLimit: 256
        )
        #expect(origin.waitForProbes(1))
        let streams = try (0..<20).map { _ in try RawClient(to: balancer.port) }
        for stream in streams {
            try stream.send(requestText("GET", "/long"))
            #expect(try stream.readHead().status == 200)
        }
        let crowd = try Crowd(600, to: balancer.port)
        #expect(balancer.waitForLog("listening") != nil)
        let probes = origin.probes.count
        let (_, took) = timed { #expect(origin.waitForProbes(probes + 15)) }
        let before = balancer.processorTime
        pass(.seconds(1))
        // A balancer that spins takes all of it.
        #expect(balancer.processorTime - before < .milliseconds(400), "\(took)")
        #expect(balancer.descriptorCount <= 256 - 32)
        gate.open()
        for stream in streams { #expect(stream.read(exactly: 8) == Array("halfdone".utf8)) }
        #expect(try balancer.get(within: .seconds(120)).text == "ok")
        crowd.close()
        for _ in 0..<20 { #expect(try balancer.get().text == "ok") }
        for text in [" down ", "cannot be probed", "accepting rests"] {
            #expect(balancer.logLines(text).isEmpty)
        }
        #expect(balancer.isRunning)
    }

    @Test func `idle connections to backends of one worker are given up for another one's clients`() throws {
        let origins = try (0..<3).map { _ in
            try ScriptedPeer { _ in [.run { _ in pass(.milliseconds(200)) }, .send(answerText("ok"))] }
        }
        let balancer = try Balancer(
            backends: origins.map(\.endpoint),
            flags: quickHealth + ["--access-log", "off", "--workers", "4"],
            descriptorLimit: 300
        )
        for round in 0..<6 {
            let source = PlacementReference.clients(of: round % 3, among: 3, 2)[round / 3]
            let results = concurrently(80) { _ in (try? balancer.get(from: source))?.status }
            #expect(results.map { $0 ?? nil } == Array(repeating: 200, count: 80), "burst \(round)")
            #expect(balancer.descriptorCount <= 300 - 32)
        }
        for text in [" down ", "cannot be probed", "accepting rests"] {
            #expect(balancer.logLines(text).isEmpty)
        }
    }
}
