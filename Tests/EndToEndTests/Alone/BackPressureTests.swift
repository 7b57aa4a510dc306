import TestSupport
import Testing

/// However large a body is, the process stays small: whoever is slow slows the other side down.
@Suite(.serialized) struct BackPressureTests {
    private static let size = Balancer.isReleaseBuild ? 1 << 30 : 1 << 28
    private static let allowedGrowth = 16 << 20

    /// What the system may hold of one transfer, which says nothing about the process: a queue at each end of
    /// both connections.
    private static let kernelBuffers = 2 * (largestBuffer("tcp_rmem") + largestBuffer("tcp_wmem"))

    private static func largestBuffer(_ name: String) -> Int {
        let text = (try? readWholeFile("/proc/sys/net/ipv4/\(name)")).map {
            String(decoding: $0, as: UTF8.self)
        }
        let numbers = text?.split { $0.isWhitespace }.compactMap { Int($0) }
        return numbers?.last ?? 8 << 20
    }

    /// Waits until a counter has stood still for a while and returns it.
    private func settled(_ count: () -> Int) -> Int {
        var last = count()
        var since = ContinuousClock.now
        _ = eventually(within: .seconds(120)) {
            let now = count()
            if now != last {
                last = now
                since = .now
            }
            return ContinuousClock.now - since > .milliseconds(250)
        }
        return last
    }

    @Test func `a slow reader of a huge answer does not grow the process`() throws {
        let sent = Monitor(0)
        let size = Self.size
        let origin = try ScriptedPeer { request in
            guard request.target == "/huge" else { return [.send(answerText("small"))] }
            return [
                .send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n"),
                .run { connection in
                    try Pattern.forEachSlice(of: size) { slice in
                        try connection.send(slice)
                        sent.access { $0 += slice.count }
                    }
                },
            ]
        }
        try withBalancer(origin) { balancer throws in
            #expect(try balancer.get("/small").text == "small")
            let before = balancer.residentBytes
            let client = try RawClient(to: balancer.port, receiveBuffer: 65_536)
            try client.send(requestText("GET", "/huge"))
            #expect(try client.readHead().status == 200)
            var checker = PatternChecker()
            for pause in 1...4 {
                let stuckAt = settled { sent.read { $0 } }
                #expect(stuckAt - checker.count < Self.kernelBuffers + Self.allowedGrowth)
                #expect(balancer.residentBytes - before < Self.allowedGrowth)
                try client.read(exactly: size / 4 * pause - checker.count) { checker.check($0) }
                #expect(balancer.residentBytes - before < Self.allowedGrowth)
            }
            #expect(checker.count == size)
            #expect(checker.firstDifference == nil)
        }
    }

    @Test func `a huge upload to a slow origin does not grow the process`() throws {
        let gate = Gate()
        let sent = Monitor(0)
        let received = Monitor(PatternChecker())
        let size = Self.size
        let origin = try ScriptedPeer(trigger: .head, receiveBuffer: 65_536) { _ in
            [
                .wait(gate),
                .run { connection in
                    try connection.readBody { bytes in received.access { $0.check(bytes) } }
                },
                .send(answerText("thanks")),
            ]
        }
        try withBalancer(origin) { balancer throws in
            let before = balancer.residentBytes
            let client = try RawClient(to: balancer.port)
            try client.send(requestText("POST", "/", ["Content-Length: \(size)"]))
            let result = Monitor<Outcome?>(nil)
            onNewThread {
                try? client.sendPattern(size) { count in sent.access { $0 += count } }
                let outcome = client.readOutcome(to: "POST")
                result.access { $0 = outcome }
            }
            #expect(origin.waitForRequests(1))
            let stuckAt = settled { sent.read { $0 } }
            #expect(stuckAt < Self.kernelBuffers + Self.allowedGrowth)
            #expect(balancer.residentBytes - before < Self.allowedGrowth)
            gate.open()
            let outcome = result.wait(until: .after(.seconds(180))) { $0 }
            #expect(outcome?.response?.text == "thanks")
            #expect(received.read { $0.count } == size)
            #expect(received.read { $0.firstDifference } == nil)
            #expect(balancer.residentBytes - before < Self.allowedGrowth)
        }
    }

    @Test func `a client that stops reading holds up nobody else`() throws {
        let origin = try ScriptedPeer { request in
            guard request.target == "/huge" else { return [.send(answerText("small"))] }
            return [.send("HTTP/1.1 200 OK\r\nContent-Length: \(64 << 20)\r\n\r\n"), .stream(64 << 20)]
        }
        try withBalancer(origin) { balancer throws in
            let stuck = try RawClient(to: balancer.port, receiveBuffer: 4096)
            try stuck.send(requestText("GET", "/huge"))
            #expect(try stuck.readHead().status == 200)
            for _ in 0..<20 { #expect(try balancer.get("/small", within: .seconds(45)).text == "small") }
        }
    }
}
