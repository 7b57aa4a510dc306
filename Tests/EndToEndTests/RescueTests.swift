import TestSupport
import Testing

/// A backend that hangs: connections are made by the system and answered by nobody.
@Suite struct RescueTests {
    /// An origin that answers until it is told to freeze, and then answers neither requests nor probes.
    private func freezingOrigin(_ name: String) throws -> (origin: ScriptedPeer, freeze: () -> Void) {
        let origin = try ScriptedPeer { _ in [.send(answerText(name))] }
        return (
            origin,
            {
                origin.answer { _ in [.stall] }
                origin.answerProbes { _ in [.stall] }
            }
        )
    }

    private let quick = ["--health-timeout", "300ms", "--health-interval", "60s", "--log-format", "json"]

    @Test func `a request that waits at a backend that hangs is answered by the next one`() throws {
        let (frozen, freeze) = try freezingOrigin("first")
        let alive = try Origin.ok("second")
        try withBalancer([frozen.endpoint, alive.endpoint], quick) { balancer throws in
            #expect(frozen.waitForProbes(1))
            let client = PlacementReference.client(of: 0, among: 2)
            #expect(try balancer.get(from: client).text == "first")
            freeze()
            #expect(try balancer.get("/waits", from: client).text == "second")
            #expect(balancer.process.output.waitForLine { $0.contains("\"picked\":\"rescue\"") } != nil)
            #expect(try balancer.get("/next", from: client).text == "second")
        }
        #expect(frozen.requests.map(\.target) == ["/", "/waits"])
    }

    /// With the times that come with it: two seconds of patience, and probes of two seconds, three of which count.
    @Test func `with the defaults it takes no more than eight seconds`() throws {
        let (frozen, freeze) = try freezingOrigin("first")
        let alive = try Origin.ok("second")
        try withBalancer([frozen.endpoint, alive.endpoint], ["--health-interval", "10s"]) { balancer throws in
            #expect(frozen.waitForProbes(1))
            freeze()
            let clock = ContinuousClock()
            let start = clock.now
            let client = PlacementReference.client(of: 0, among: 2)
            #expect(try balancer.get(from: client).text == "second")
            let took = clock.now - start
            #expect(took >= .seconds(2) && took < .seconds(12), "\(took)")
        }
    }

    @Test func `a request that may not be carried out twice waits on`() throws {
        let (frozen, freeze) = try freezingOrigin("first")
        let alive = try Origin.ok("second")
        try withBalancer([frozen.endpoint, alive.endpoint], quick + ["--response-timeout", "5s"]) {
            balancer throws in
            #expect(frozen.waitForProbes(1))
            freeze()
            let client = PlacementReference.client(of: 0, among: 2)
            let response = try balancer.exchange(
                requestText("POST", "/", ["Content-Length: 2"], body: "hi"),
                from: client
            )
            #expect(response.status == 504)
        }
        #expect(alive.requestCount == 0)
    }

    @Test func `a slow backend that answers its probes keeps its requests`() throws {
        let gate = Gate()
        let slow = try ScriptedPeer { _ in [.wait(gate), .send(answerText("slow"))] }
        let other = try Origin.ok("other")
        try withBalancer([slow.endpoint, other.endpoint], quick) { balancer throws in
            #expect(slow.waitForProbes(1))
            let client = try RawClient(to: balancer.port, from: PlacementReference.client(of: 0, among: 2))
            try client.send(requestText("GET", "/"))
            // The look that the suspicion asks for.
            #expect(slow.waitForProbes(2))
            gate.open()
            #expect(try client.readResponse().text == "slow")
        }
        #expect(other.requestCount == 0)
    }

    @Test func `a request that has begun to be answered stays where it is`() throws {
        let gate = Gate()
        let frozen = try ScriptedPeer { request in
            request.target == "/"
                ? [.send(answerText("first"))]
                : [.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx"), .wait(gate), .send("y")]
        }
        let alive = try Origin.ok("second")
        try withBalancer([frozen.endpoint, alive.endpoint], quick) { balancer throws in
            #expect(frozen.waitForProbes(1))
            let address = PlacementReference.client(of: 0, among: 2)
            let client = try RawClient(to: balancer.port, from: address)
            try client.send(requestText("GET", "/half"))
            _ = try client.readHead()
            frozen.answer { _ in [.stall] }
            frozen.answerProbes { _ in [.stall] }
            #expect(try balancer.get("/", from: address).text == "second")
            gate.open()
            #expect(client.read(exactly: 2) == Array("xy".utf8))
        }
    }

    @Test func `a backend that is alone keeps its requests until the limit`() throws {
        let (frozen, freeze) = try freezingOrigin("first")
        try withBalancer(frozen, quick + ["--response-timeout", "3s"]) { balancer throws in
            #expect(frozen.waitForProbes(1))
            freeze()
            #expect(try balancer.get().status == 504)
            #expect(try balancer.get().status == 503)
        }
    }
}
