import Glibc
import TestSupport
import Testing

/// A reload moves listeners between addresses that cover one another.
@Suite struct ListenReloadTests {
    /// A balancer that reads where it listens from a file.
    private final class Movable {
        let folder: TemporaryFolder
        let balancer: Balancer
        let port: UInt16
        private let backends: String

        init(_ origin: ScriptedPeer, _ flags: [String]) throws {
            folder = try TemporaryFolder()
            port = try freePortOfEveryAddress()
            backends = "backend = ['\(origin.endpoint)']\n"
            let path = try folder.write("listen = ['127.0.0.1:\(port)']\n" + backends, to: "swerve.toml")
            balancer = try Balancer(backends: [], flags: ["--config", path] + flags, listens: false)
        }

        /// Reloads with other addresses, and returns the line that says what came of it.
        func move(to addresses: [String]) throws -> String {
            let count = balancer.logLines("reload").count
            let list = addresses.map { "'\($0)'" }.joined(separator: ", ")
            try folder.write("listen = [\(list)]\n" + backends, to: "swerve.toml")
            balancer.process.signal(.hangUp)
            _ = eventually { balancer.logLines("reload").count > count }
            let lines = balancer.logLines("reload")
            return lines.count > count ? lines[count] : "nothing was said"
        }
    }

    @Test(arguments: ["1", "2"])
    func `from an address to a wildcard and back no request is lost`(_ workers: String) throws {
        let origin = try Origin.ok()
        let server = try Movable(origin, ["--workers", workers])
        let isOver = Gate()
        let tally = Monitor((served: 0, failures: [String]()))
        let port = server.port
        for keepsAlive in [true, false, false] {
            onNewThread { HandOverTests.load(port, keepsAlive: keepsAlive, until: isOver, tally) }
        }
        for address in [
            "0.0.0.0:", "127.0.0.1:", ":", "0.0.0.0:", ":", "127.0.0.1:", "0.0.0.0:", "127.0.0.1:",
        ] {
            let before = tally.read { $0.served }
            let said = try server.move(to: ["\(address)\(port)"])
            #expect(said.hasPrefix("swerve: reloaded: listen +"), "\(said)")
            _ = tally.wait(until: .after()) { $0.served > before + 50 ? true : nil }
        }
        isOver.open()
        #expect(tally.read { $0.failures } == [])
        #expect(tally.read { $0.served } > 400)
    }

    @Test func `whoever waits for a place when the listener moves is served all the same`() throws {
        let origin = try ScriptedPeer { _ in
            [.run { _ in usleep(300_000) }, .send(answerText("ok", ["Connection: close"])), .close]
        }
        let server = try Movable(
            origin,
            ["--max-connections", "2", "--workers", "1", "--health-interval", "0"]
        )
        let request = requestText("GET", "/", ["Connection: close"])
        let clients = try (0..<6).map { _ in try RawClient(to: server.port) }
        for client in clients { try client.send(request) }
        #expect(origin.waitForRequests(1))
        #expect(try server.move(to: ["0.0.0.0:\(server.port)"]).hasPrefix("swerve: reloaded: listen "))
        for client in clients { #expect(try client.readResponse().text == "ok") }
    }

    @Test func `an address beside the wildcard that covers it can be added and taken out`() throws {
        let origin = try Origin.ok()
        let server = try Movable(origin, [])
        let (narrow, wide) = ("127.0.0.1:\(server.port)", "0.0.0.0:\(server.port)")
        for addresses in [[narrow, wide], [wide], [wide, narrow], [narrow]] {
            #expect(try server.move(to: addresses).hasPrefix("swerve: reloaded: listen "))
            #expect(try RawClient(to: server.port).exchange(plainRequest).status == 200)
        }
    }

    @Test func `somebody else on the port refuses the wildcard all the same`() throws {
        let origin = try Origin.ok()
        let server = try Movable(origin, [])
        let other = try Balancer(
            backends: [origin.endpoint],
            flags: ["--listen", "127.0.0.2:\(server.port)", "--reuse-port", "on"]
        )
        let said = try server.move(to: ["0.0.0.0:\(server.port)"])
        #expect(
            said.contains("reload refused, nothing changed: cannot listen on 0.0.0.0:\(server.port)"),
            "\(said)"
        )
        #expect(try RawClient(to: server.port).exchange(plainRequest).status == 200)
        other.kill()
    }

    @Test func `backends that a reload adds take their descriptors from the clients`() throws {
        let origin = try Origin.ok()
        let folder = try TemporaryFolder()
        let path = try folder.write("backend = ['\(origin.endpoint)']\n", to: "swerve.toml")
        let balancer = try Balancer(
            backends: [],
            flags: ["--config", path, "--admin", "127.0.0.1:0", "--workers", "1"],
            descriptorLimit: 300
        )
        func limit() throws -> Int? {
            let text = try balancer.admin("GET", "/status.json").text
            return text.firstMatch(of: /"open":\d+,"limit":(\d+)/).flatMap { Int($0.1) }
        }
        let before = try #require(try limit())
        let more = (1...50).map { "'127.0.0.2:\($0)'" }.joined(separator: ", ")
        try folder.write("backend = ['\(origin.endpoint)', \(more)]\n", to: "swerve.toml")
        balancer.process.signal(.hangUp)
        #expect(balancer.waitForLog("reloaded: ") != nil)
        #expect(try limit() == before - 50)
    }
}

private struct NoFreePort: Error {}

/// A port that is free on every address and stays so: the system gives none of these to connections of other tests,
/// one of which on another loopback address would be in the way of a wildcard.
private func freePortOfEveryAddress() throws -> UInt16 {
    for _ in 0..<100 {
        let port = UInt16.random(in: 20_000..<30_000)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result == 0 { return port }
    }
    throw NoFreePort()
}
