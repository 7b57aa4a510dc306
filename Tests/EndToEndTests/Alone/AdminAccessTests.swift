import TestSupport
import Testing

/// Who gets an answer from the admin listener, and how soon, whatever others do there.
@Suite struct AdminAccessTests {
    private static let admin = ["--admin", "127.0.0.1:0"]

    @Test func `two hundred connections that trickle keep nobody from an answer`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, Self.admin) { balancer throws in
            let port = balancer.adminPort
            var tricklers: [RawClient] = []
            for _ in 0..<200 {
                let client = try RawClient(to: port)
                try client.send("GET / HTTP/1.1\r\nX: ")
                tricklers.append(client)
            }
            for round in 0..<20 {
                // Those that were dropped cannot send any more.
                for trickler in tricklers { try? trickler.send("x") }
                let path = round.isMultiple(of: 2) ? "/healthz" : "/readyz"
                let client = try RawClient(to: port)
                let request = requestText("GET", path, []).replacing("example.test", with: "localhost")
                #expect(try client.exchange(request, within: .seconds(4)).status == 200)
            }
        }
    }

    @Test func `connections that take no answers keep nobody from one`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, Self.admin) { balancer throws in
            let port = balancer.adminPort
            // Far more than a system holds for a peer that does not read.
            let pipeline = String(
                repeating: requestText("GET", "/").replacing("example.test", with: "localhost"),
                count: 300
            )
            let takers = try (0..<40).map { _ in
                let taker = try RawClient(to: port, receiveBuffer: 4096)
                onNewThread { try? taker.send(pipeline) }
                return taker
            }
            pass(.milliseconds(300))
            for _ in 0..<10 {
                let client = try RawClient(to: port)
                let request = requestText("GET", "/healthz").replacing("example.test", with: "localhost")
                #expect(try client.exchange(request, within: .seconds(4)).status == 200)
            }
            for taker in takers { taker.close() }
        }
    }

    @Test func `a request that is sent byte by byte is given up after two seconds in all`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, Self.admin) { balancer throws in
            let client = try RawClient(to: balancer.adminPort)
            try client.send("GET / HTTP/1.1\r\nX: ")
            let isGone = eventually(within: .seconds(12)) {
                pass(.milliseconds(100))
                return (try? client.send("x")) == nil
            }
            #expect(isGone)
        }
    }

    @Test(arguments: [
        ("evil.example", 403), ("localhost", 200), ("[::1]:9", 200), ("10.0.0.1", 200),
        ("swerve.internal", 200),
        ("a b", 400),
    ])
    func `a page of another name reads nothing`(_ host: String, _ status: Int) throws {
        let origin = try Origin.ok()
        try withBalancer(origin, Self.admin + ["--admin-host", "swerve.internal"]) { balancer throws in
            for path in ["/status.json", "/metrics", "/", "/healthz", "/readyz", "/explain?client=%3A%3A1"] {
                #expect(try balancer.admin("GET", path, host: host).status == status, "\(path)")
            }
            #expect(
                try balancer.admin("GET", "/nothing", host: host).status == (status == 200 ? 404 : status)
            )
            let double = try balancer.admin("GET", "/healthz", ["Host: localhost"], host: host)
            #expect(double.status == 400)
        }
    }

    @Test func `with a token nobody reads from elsewhere without it, but for probes`() throws {
        let origin = try Origin.ok()
        let flags = ["--admin", "0.0.0.0:0", "--admin-token", "open-sesame"]
        try withBalancer(origin, flags) { balancer throws in
            for path in ["/status.json", "/metrics", "/explain?client=%3A%3A1"] {
                #expect(try balancer.admin("GET", path).status == 401)
                let bearer = ["Authorization: Bearer open-sesame"]
                #expect(try balancer.admin("GET", path, bearer).status == 200)
            }
            for path in ["/healthz", "/readyz", "/"] {
                #expect(try balancer.admin("GET", path).status == 200)
            }
            let client = try RawClient(to: balancer.adminPort)
            let request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
            #expect(try client.exchange(request)["WWW-Authenticate"] == "Bearer")
        }
        try withBalancer(origin, flags + ["--admin-open", "on"]) { balancer throws in
            #expect(try balancer.admin("GET", "/metrics").status == 200)
            #expect(try balancer.admin("POST", "/drain?backend=\(origin.endpoint)").status == 401)
        }
    }

    @Test func `the commands that ask an instance send its token`() throws {
        let origin = try Origin.ok()
        let flags = ["--admin", "0.0.0.0:0", "--admin-token", "open-sesame"]
        try withBalancer(origin, flags) { balancer throws in
            let admin = ["--admin", "127.0.0.1:\(balancer.adminPort)"]
            let token = ["SWERVE_ADMIN_TOKEN": "open-sesame"]
            let explain = ["explain", "--client", "10.1.2.3"] + admin
            #expect(try runToEnd(explain, environment: token).status == .code(0))
            let refused = try runToEnd(explain)
            #expect(refused.status == .code(1) && refused.errors.contains("status 401"))
            #expect(try runToEnd(["healthcheck"] + admin).status == .code(0))
        }
    }

    @Test func `the listener moves to every address on the port it has, and back`() throws {
        let origin = try Origin.ok()
        let folder = try TemporaryFolder()
        func text(_ address: String) -> String { "backend = ['\(origin.endpoint)']\nadmin = '\(address)'\n" }
        let path = try folder.write(text("127.0.0.1:0"), to: "swerve.toml")
        let balancer = try Balancer(backends: [], flags: ["--config", path])
        let port = balancer.adminPort
        for address in ["0.0.0.0:\(port)", "127.0.0.1:\(port)", ":\(port)"] {
            try folder.write(text(address), to: "swerve.toml")
            let count = balancer.logLines("reload").count
            balancer.process.signal(.hangUp)
            #expect(eventually { balancer.logLines("reload").count > count })
            #expect(balancer.logLines("reload").last?.contains("reloaded: admin") == true)
            #expect(try balancer.admin("GET", "/healthz").status == 200)
        }
        balancer.kill()
    }
}
