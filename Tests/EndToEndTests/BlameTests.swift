import TestSupport
import Testing

/// What one request does to a backend is not held against the backend, nor against the others.
@Suite struct BlameTests {
    /// Origins that break on one target and serve every other.
    private func fragileOrigins(_ count: Int, _ breaking: PeerAction) throws -> [ScriptedPeer] {
        try (0..<count).map { index in
            try ScriptedPeer { request in
                request.target == "/fatal" ? [breaking] : [.send(answerText("backend \(index)"))]
            }
        }
    }

    @Test(arguments: ["GET", "POST"])
    func `a request on which backends close takes none of them from the other clients`(
        _ method: String
    ) throws {
        let origins = try fragileOrigins(3, .close)
        try withBalancer(origins.map(\.endpoint), ["--health-interval", "10s"]) { balancer throws in
            for origin in origins { #expect(origin.waitForProbes(1)) }
            let request = requestText(method, "/fatal", method == "POST" ? ["Content-Length: 0"] : [])
            for _ in 0..<4 { #expect(try balancer.exchange(request).status == 502) }
            #expect(balancer.waitForLog(" down ", within: .milliseconds(500)) == nil)
            for index in 0..<3 {
                let client = PlacementReference.client(of: index, among: 3)
                #expect(try balancer.get(from: client).text == "backend \(index)")
            }
        }
    }

    /// How a backend ends a connection that brought a request.
    enum Breaking: CaseIterable {
        case close, reset
        var action: PeerAction { self == .close ? .close : .reset }
    }

    /// How many of the fatal requests each origin got.
    private func fatalCounts(_ origins: [ScriptedPeer]) -> [Int] {
        origins.map { $0.requests.count { $0.target == "/fatal" } }
    }

    @Test(arguments: Breaking.allCases)
    func `a request that reached a backend is tried on one more at most`(_ breaking: Breaking) throws {
        let origins = try fragileOrigins(4, breaking.action)
        try withBalancer(origins.map(\.endpoint)) { balancer throws in
            #expect((502...503).contains(try balancer.get("/fatal").status))
            #expect(balancer.waitForAccessLine(path: "/fatal") != nil)
        }
        let counts = fatalCounts(origins)
        #expect(counts.allSatisfy { $0 <= 1 })
        #expect((1...2).contains(counts.reduce(0, +)))
    }

    @Test(arguments: Breaking.allCases)
    func `a request that reached a backend on a connection at rest is tried on one more at most`(
        _ breaking: Breaking
    ) throws {
        let origins = try fragileOrigins(4, breaking.action)
        // One worker, so that the request finds the connections that those before it left.
        try withBalancer(origins.map(\.endpoint), ["--workers", "1"]) { balancer throws in
            for index in 0..<4 {
                let client = PlacementReference.client(of: index, among: 4)
                #expect(try balancer.get(from: client).text == "backend \(index)")
            }
            #expect((502...503).contains(try balancer.get("/fatal").status))
            #expect(balancer.waitForAccessLine(path: "/fatal") != nil)
        }
        #expect((1...2).contains(fatalCounts(origins).count { $0 > 0 }))
    }

    @Test func `failures of requests do not put off the next probe`() throws {
        let origins = try fragileOrigins(2, .reset)
        let dead = origins[0]
        dead.answer { _ in [.reset] }
        let flags = ["--health-interval", "300ms", "--health-fall", "100"]
        try withBalancer(origins.map(\.endpoint), flags) { balancer throws in
            #expect(dead.waitForProbes(1))
            let client = PlacementReference.client(of: 0, among: 2)
            let before = dead.probes.count
            let deadline = Deadline.after(.seconds(3))
            while !deadline.hasPassed {
                #expect(try balancer.get(from: client).text == "backend 1")
                pass(.milliseconds(50))
            }
            #expect(dead.probes.count - before >= 5)
        }
    }
}
