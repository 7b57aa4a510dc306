import TestSupport
import Testing

/// A reload puts another configuration in the place of the present one, and clients see nothing but its effects.
@Suite struct ReloadTests {
    /// A balancer that reads everything but its port from a file.
    private final class Reloadable {
        let folder: TemporaryFolder
        let balancer: Balancer

        init(_ text: String, _ flags: [String] = []) throws {
            let folder = try TemporaryFolder()
            let path = try folder.write(text, to: "swerve.toml")
            self.folder = folder
            balancer = try Balancer(
                backends: [],
                flags: ["--config", path, "--admin", "127.0.0.1:0"] + flags
            )
        }

        /// Changes the file, reloads, and returns the line that says what came of it.
        func reload(_ text: String) throws -> String {
            let count = lines.count
            try folder.write(text, to: "swerve.toml")
            balancer.process.signal(.hangUp)
            _ = eventually { lines.count > count }
            return lines.count > count ? lines[count] : "nothing was said"
        }

        private var lines: [String] { balancer.logLines("reload") }
    }

    private static func backends(_ origins: ScriptedPeer...) -> String {
        "backend = [\(origins.map { "'\($0.endpoint)'" }.joined(separator: ", "))]\n"
    }

    @Test func `backends come and go, and one line says which`() throws {
        let (first, second) = (try Origin.ok("first"), try Origin.ok("second"))
        let server = try Reloadable(Self.backends(first))
        #expect(try server.balancer.get().text == "first")
        let said = try server.reload(Self.backends(second))
        #expect(said == "swerve: reloaded: backend +\(second.endpoint) -\(first.endpoint)")
        #expect(try server.balancer.get().text == "second")
        #expect(try server.reload(Self.backends(second)) == "swerve: reloaded: nothing changed")
    }

    @Test func `connections to a backend that stays are used on, those to one that goes are closed`() throws {
        let (staying, leaving) = (try Origin.ok("staying"), try Origin.ok("leaving"))
        let server = try Reloadable(Self.backends(staying, leaving), ["--workers", "1"])
        let sources = (0...1).map { PlacementReference.client(of: $0, among: 2) }
        for source in sources { #expect(try server.balancer.get(from: source).status == 200) }
        _ = try server.reload(Self.backends(staying))
        #expect(leaving.waitForEnd(of: 1) == .closed)
        for source in sources { #expect(try server.balancer.get(from: source).text == "staying") }
        #expect(staying.acceptedCount == 1)
    }

    @Test func `an answer and a tunnel on their way outlive the reload that takes their backend out`() throws
    {
        let gate = Gate()
        let leaving = try ScriptedPeer { request in
            request.target == "/slow"
                ? [.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf"), .wait(gate), .send("full")]
                : [.send(UpgradeTests.switching), UpgradeTests.echo, .close]
        }
        let staying = try Origin.ok("staying")
        let server = try Reloadable(Self.backends(leaving))
        let slow = try RawClient(to: server.balancer.port)
        try slow.send(requestText("GET", "/slow"))
        #expect(try slow.readHead().status == 200)
        let tunnel = try RawClient(to: server.balancer.port)
        #expect(try tunnel.exchange(UpgradeTests.upgradeRequest).status == 101)
        _ = try server.reload(Self.backends(staying))
        #expect(try server.balancer.get().text == "staying")
        gate.open()
        #expect(slow.read(exactly: 8) == Array("halffull".utf8))
        try tunnel.send("still")
        #expect(tunnel.read(exactly: 5) == Array("still".utf8))
        // The client's own connection outlived it, too.
        #expect(try slow.exchange(plainRequest).text == "staying")
    }

    @Test func `a backend that stays keeps its state`() throws {
        let (first, second) = (try Origin.ok("first"), try Origin.ok("second"))
        let server = try Reloadable(Self.backends(first, second))
        let source = PlacementReference.client(of: 0, among: 2)
        #expect(try server.balancer.admin("POST", "/drain?backend=\(first.endpoint)").status == 200)
        _ = try server.reload("# nothing but this line is new\n" + Self.backends(first, second))
        #expect(try server.balancer.get(from: source).text == "second")
    }

    @Test func `a file that cannot be used changes nothing and says why`() throws {
        let origin = try Origin.ok("first")
        let server = try Reloadable(Self.backends(origin))
        let said = try server.reload(Self.backends(origin) + "health-rise = 0\n")
        #expect(said.hasPrefix("swerve: error: reload refused, nothing changed: "))
        #expect(said.contains("health-rise"))
        #expect(try server.balancer.get().text == "first")
        let status = try server.balancer.admin("GET", "/status.json").text
        #expect(status.contains("health-rise"))
        let metrics = try server.balancer.admin("GET", "/metrics").text
        #expect(metrics.contains("swerve_config_reloads_total{result=\"failure\"} 1\n"))
    }

    @Test func `an address that is taken refuses the whole reload`() throws {
        let (first, second) = (try Origin.ok("first"), try Origin.ok("second"))
        let server = try Reloadable(Self.backends(first))
        let taken = "listen = ['127.0.0.1:0', '\(second.endpoint)']\n"
        // The flag decides where it listens, so the file alone would be ignored.
        let said = try server.reload(Self.backends(second) + taken)
        #expect(said.hasPrefix("swerve: reloaded: "))
        let free = try ListeningByFile(Self.backends(first))
        let refusal = try free.reload(
            "listen = ['127.0.0.1:\(free.port)', '\(second.endpoint)']\n" + Self.backends(second)
        )
        #expect(refusal.contains("reload refused, nothing changed: cannot listen on \(second.endpoint)"))
        #expect(try free.balancer.get().text == "first")
    }

    @Test func `listeners come and go`() throws {
        let origin = try Origin.ok("first")
        let server = try ListeningByFile(Self.backends(origin))
        let kept = try RawClient(to: server.port)
        #expect(try kept.exchange(plainRequest).status == 200)
        let other = try PortReserve.free()
        let said = try server.reload("listen = ['127.0.0.1:\(other)']\n" + Self.backends(origin))
        #expect(said.hasPrefix("swerve: reloaded: listen +127.0.0.1:\(other) -127.0.0.1:\(server.port)"))
        #expect(eventually { (try? RawClient(to: other).exchange(plainRequest).status) == 200 })
        #expect(eventually { (try? RawClient(to: server.port, patience: .seconds(1))) == nil })
        // Who had come by the old one is still served.
        #expect(try kept.exchange(plainRequest).status == 200)
    }

    @Test func `no request fails across fifty reloads under load`() throws {
        let origins = try (0..<3).map { try Origin.ok("origin \($0)") }
        let lists = [[0, 1], [1, 2], [0, 1, 2], [2, 0]].map { places in
            "backend = [\(places.map { "'\(origins[$0].endpoint)'" }.joined(separator: ", "))]\n"
        }
        let server = try Reloadable(lists[0])
        let isOver = Gate()
        let tally = Monitor((served: 0, failures: [String]()))
        for keepsAlive in [true, true, false] {
            let port = server.balancer.port
            onNewThread { HandOverTests.load(port, keepsAlive: keepsAlive, until: isOver, tally) }
        }
        for round in 1...50 {
            let before = tally.read { $0.served }
            #expect(try server.reload(lists[round % lists.count]).hasPrefix("swerve: reloaded: backend "))
            _ = tally.wait(until: .after()) { $0.served > before + 10 ? true : nil }
        }
        isOver.open()
        #expect(tally.read { $0.failures } == [])
        #expect(tally.read { $0.served } > 500)
    }
}

/// A balancer that reads where it listens from a file, too.
private final class ListeningByFile {
    let folder: TemporaryFolder
    let balancer: Balancer
    let port: UInt16

    init(_ text: String) throws {
        let folder = try TemporaryFolder()
        let port = try PortReserve.free()
        let path = try folder.write("listen = ['127.0.0.1:\(port)']\n" + text, to: "swerve.toml")
        self.folder = folder
        self.port = port
        balancer = try Balancer(backends: [], flags: ["--config", path], listens: false)
    }

    func reload(_ text: String) throws -> String {
        try folder.write(text, to: "swerve.toml")
        balancer.process.signal(.hangUp)
        return balancer.waitForLog("reload") ?? "nothing was said"
    }
}

/// A port of the loopback address that the kernel chose and that nobody listens on.
private enum PortReserve {
    static func free() throws -> UInt16 {
        let address = try RefusingAddress()
        return address.port
    }
}
