import TestSupport
import Testing

/// What an operator asks and wants on the admin listener.
@Suite struct AdminTests {
    private static let admin = ["--admin", "127.0.0.1:0"]

    @Test func `a server that serves is alive and ready`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, Self.admin) { balancer throws in
            #expect(try balancer.admin("GET", "/healthz") == AdminAnswer(200, "alive\n"))
            #expect(try balancer.admin("GET", "/readyz") == AdminAnswer(200, "ready\n"))
            #expect(try balancer.admin("HEAD", "/readyz").status == 200)
        }
    }

    @Test func `without a backend alive it is not ready and says which one is down for what`() throws {
        let refusing = try RefusingAddress()
        let flags = Self.admin + ["--health-interval", "100ms", "--health-fall", "1"]
        try withBalancer([refusing.endpoint], flags) { balancer throws in
            #expect(eventually { (try? balancer.admin("GET", "/readyz").status) == 503 })
            let answer = try balancer.admin("GET", "/readyz")
            #expect(answer.text.hasPrefix("no backend is alive: \(refusing.endpoint) ("))
            #expect(try balancer.admin("GET", "/healthz").status == 200)
        }
    }

    @Test func `readiness fails first while clients are still served`() throws {
        let origin = try Origin.ok()
        let flags = Self.admin + ["--drain-delay", "1h"]
        try withBalancer(origin, flags) { balancer throws in
            balancer.process.signal(.terminate)
            balancer.waitForLog("stopping: accepting for another 1h")
            #expect(try balancer.admin("GET", "/readyz") == AdminAnswer(503, "draining\n"))
            let client = try RawClient(to: balancer.port)
            let response = try client.exchange(plainRequest)
            #expect(response.status == 200)
            #expect(response.announcesClose)
            #expect(client.waitForClose() == .closed)
        }
    }

    @Test func `a drained backend gets nothing new and keeps what it has`() throws {
        let gate = Gate()
        let first = try ScriptedPeer { request in
            request.target == "/slow"
                ? [.wait(gate), .send(answerText("first"))] : [.send(answerText("first"))]
        }
        let second = try Origin.ok("second")
        let backends = [first.endpoint, second.endpoint]
        try withBalancer(backends, Self.admin) { balancer throws in
            let source = PlacementReference.client(of: 0, among: 2)
            let slow = try RawClient(to: balancer.port, from: source)
            try slow.send(requestText("GET", "/slow"))
            #expect(first.waitForRequests(1))
            let answer = try balancer.admin("POST", "/drain?backend=\(first.endpoint)")
            #expect(answer == AdminAnswer(200, "backend \(first.endpoint) is drain\n"))
            #expect(try balancer.get(from: source).text == "second")
            gate.open()
            #expect(try slow.readResponse().text == "first")
            #expect(try balancer.admin("POST", "/undrain?backend=\(first.endpoint)").status == 200)
            #expect(eventually { (try? balancer.get(from: source).text) == "first" })
        }
    }

    @Test(arguments: [("drain", true), ("maintenance", false)])
    func `a tunnel outlives a drain and not a maintenance`(_ wish: String, _ outlives: Bool) throws {
        let origin = try ScriptedPeer { _ in [.send(UpgradeTests.switching), UpgradeTests.echo, .close] }
        try withBalancer(origin, Self.admin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(UpgradeTests.upgradeRequest).status == 101)
            #expect(try balancer.admin("POST", "/\(wish)?backend=\(origin.endpoint)").status == 200)
            #expect(try balancer.get().status == 503)
            if outlives {
                try client.send("still")
                #expect(client.read(exactly: 5) == Array("still".utf8))
            } else {
                #expect(client.waitForClose() == .closed)
            }
        }
    }

    @Test func `a backend in maintenance is not probed, and is again afterwards`() throws {
        let origin = try Origin.ok()
        let flags = Self.admin + ["--health-interval", "100ms"]
        try withBalancer(origin, flags) { balancer throws in
            #expect(origin.waitForProbes(2))
            #expect(try balancer.admin("POST", "/maintenance?backend=\(origin.endpoint)").status == 200)
            let count = origin.probes.count
            pass(.milliseconds(500))
            // One may have been on its way.
            #expect(origin.probes.count <= count + 1)
            #expect(try balancer.admin("POST", "/undrain?backend=\(origin.endpoint)").status == 200)
            #expect(origin.waitForProbes(count + 3))
            #expect(try balancer.get().status == 200)
        }
    }

    @Test func `what cannot be done is refused with the reason`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, Self.admin) { balancer throws in
            let wish = "/drain?backend=\(origin.endpoint)"
            #expect(try balancer.admin("GET", wish) == AdminAnswer(405, "use POST\n"))
            #expect(try balancer.admin("POST", "/healthz") == AdminAnswer(405, "use GET, HEAD\n"))
            #expect(try balancer.admin("POST", "/drain").status == 400)
            #expect(try balancer.admin("POST", "/drain?backend=10.9.9.9%3A1").status == 404)
            #expect(try balancer.admin("GET", "/nothing").status == 404)
            #expect(try balancer.admin("POST", wish, ["Origin: http://evil.test"]).status == 403)
            #expect(try balancer.admin("POST", wish, host: "rebound.test").status == 403)
            #expect(try balancer.get().status == 200)
        }
    }

    @Test func `with a token nobody changes anything without it`() throws {
        let origin = try Origin.ok()
        let flags = Self.admin + ["--admin-token", "open-sesame"]
        try withBalancer(origin, flags) { balancer throws in
            let wish = "/drain?backend=\(origin.endpoint)"
            #expect(try balancer.admin("POST", wish).status == 401)
            #expect(try balancer.admin("POST", wish, ["Authorization: Bearer open-sesamf"]).status == 401)
            #expect(try balancer.get().status == 200)
            #expect(try balancer.admin("POST", wish, ["Authorization: Bearer open-sesame"]).status == 200)
            #expect(try balancer.get().status == 503)
        }
    }

    @Test func `idle connections do not lock operators out for ever, nor grow without bound`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, Self.admin) { balancer throws in
            let before = balancer.descriptorCount
            let idlers = try (0..<200).map { _ in try RawClient(to: balancer.adminPort) }
            #expect(eventually { balancer.descriptorCount >= before + 30 })
            #expect(balancer.descriptorCount <= before + 40)
            for idler in idlers { idler.close() }
            #expect(try balancer.admin("GET", "/healthz").status == 200)
            #expect(eventually { balancer.descriptorCount <= before + 4 })
        }
    }
}
