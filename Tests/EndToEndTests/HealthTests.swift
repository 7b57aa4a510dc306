import Synchronization
import TestSupport
import Testing

/// Probing often and deciding fast, for tests that watch a backend go and return.
let quickHealth = [
    "--health-interval", "100ms", "--health-timeout", "1s", "--health-fall", "2", "--health-rise", "2",
]

/// Probes find out which backends live, and say why one does not.
@Suite struct HealthTests {
    @Test func `a probe names its host, itself and that it will close`() throws {
        let origin = try Origin.ok()
        try withBalancer([origin.endpoint], ["--health-interval", "10s"]) { _ in
            #expect(origin.waitForProbes(1))
        }
        let probe = try #require(origin.probes.first)
        #expect(probe.method == "HEAD")
        #expect(probe.target == "/")
        #expect(probe.version == "HTTP/1.1")
        #expect(probe.values("Host") == [origin.endpoint])
        #expect(probe["User-Agent"]?.hasPrefix("swerve-health/") == true)
        #expect(probe.values("Connection") == ["close"])
    }

    @Test func `path and method of a probe can be chosen`() throws {
        let origin = try Origin.ok()
        let flags = ["--health-interval", "10s", "--health-path", "/ready?deep=1", "--health-method", "GET"]
        try withBalancer([origin.endpoint], flags) { _ in
            #expect(origin.waitForProbes(1))
        }
        #expect(origin.probes.first?.method == "GET")
        #expect(origin.probes.first?.target == "/ready?deep=1")
    }

    @Test func `a backend that goes and returns gets its clients back`() throws {
        let origins = try (0..<2).map { try Origin.ok("backend \($0)") }
        try withBalancer(origins.map(\.endpoint), quickHealth) { balancer throws in
            let client = PlacementReference.client(of: 0, among: 2)
            #expect(try balancer.get(from: client).text == "backend 0")
            origins[0].stop()
            #expect(balancer.waitForLog("backend \(origins[0].endpoint) down") != nil)
            #expect(try balancer.get(from: client).text == "backend 1")
            try origins[0].restart()
            #expect(balancer.waitForLog("backend \(origins[0].endpoint) up") != nil)
            #expect(try balancer.get(from: client).text == "backend 0")
        }
    }

    @Test func `a backend that accepts and never answers goes down by the probe's timeout and returns`()
        throws
    {
        let origins = try (0..<2).map { try Origin.ok("backend \($0)") }
        origins[0].welcome(.ignore)
        try withBalancer(origins.map(\.endpoint), quickHealth) { balancer throws in
            #expect(balancer.waitForLog("backend \(origins[0].endpoint) down") != nil)
            let client = PlacementReference.client(of: 0, among: 2)
            #expect(try balancer.get(from: client).text == "backend 1")
            origins[0].welcome(.serve)
            #expect(balancer.waitForLog("backend \(origins[0].endpoint) up") != nil)
            #expect(try balancer.get(from: client).text == "backend 0")
        }
    }

    @Test func `a probe that gets an answer byte by byte times out in total`() throws {
        let origin = try Origin.ok()
        origin.answerProbes { _ in
            [
                .run { connection in
                    for byte in "HTTP/1.1 200 OK\r\nX-Padding: 0123456789" {
                        try connection.send(String(byte))
                        pass(.milliseconds(100))
                    }
                }
            ]
        }
        try withBalancer([origin.endpoint], quickHealth) { balancer throws in
            #expect(balancer.waitForLog("backend \(origin.endpoint) down") != nil)
        }
    }

    @Test func `an unexpected status takes a backend out and the log says which flags to see`() throws {
        let origin = try Origin.ok()
        origin.answerProbes { _ in [.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), .close] }
        try withBalancer([origin.endpoint], quickHealth) { balancer throws in
            let line = try #require(balancer.waitForLog("backend \(origin.endpoint) down"))
            #expect(line.contains("HEAD / answered 404, want 200-399; see --health-path, --health-status"))
        }
    }

    @Test(arguments: [("200-399", 302), ("404", 404), ("200,500-503", 501)])
    func `the statuses that count as alive can be chosen`(_ range: String, _ status: Int) throws {
        let origin = try Origin.ok()
        origin.answerProbes { _ in [.send("HTTP/1.1 \(status) X\r\nContent-Length: 0\r\n\r\n"), .close] }
        let flags = quickHealth + ["--health-status", range, "--health-method", "GET"]
        try withBalancer([origin.endpoint], flags) { balancer throws in
            #expect(origin.waitForProbes(4))
            #expect(balancer.logLines("down").isEmpty)
        }
    }

    @Test(arguments: ["405 Method Not Allowed", "501 Not Implemented"])
    func `a backend that does not know HEAD is asked with GET from then on`(_ refusal: String) throws {
        let origin = try Origin.ok()
        origin.answerProbes { probe in
            let status = probe.method == "HEAD" ? refusal : "200 OK"
            return [.send("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n"), .close]
        }
        try withBalancer([origin.endpoint], quickHealth) { balancer throws in
            #expect(origin.waitForProbes(6))
            #expect(balancer.logLines("down").isEmpty)
        }
        let methods = origin.probes.map(\.method)
        #expect(methods.first == "HEAD")
        #expect(methods.dropFirst().allSatisfy { $0 == "GET" })
    }

    @Test func `fewer failures in a row than the fall count change nothing`() throws {
        let origin = try Origin.ok()
        let count = Atomic(0)
        origin.answerProbes { _ in
            let number = count.add(1, ordering: .relaxed).newValue
            let status = number % 3 == 0 ? "200 OK" : "500 Oops"
            return [.send("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n"), .close]
        }
        try withBalancer([origin.endpoint], ["--health-interval", "100ms", "--health-fall", "3"]) {
            balancer throws in
            #expect(origin.waitForProbes(10))
            #expect(balancer.logLines("down").isEmpty)
        }
    }

    @Test func `a backend returns after the rise count, not before, and each change is logged once`() throws {
        let origin = try Origin.ok()
        origin.answerProbes { _ in [.send("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"), .close] }
        let flags = ["--health-interval", "100ms", "--health-fall", "2", "--health-rise", "4"]
        try withBalancer([origin.endpoint], flags) { balancer throws in
            #expect(balancer.waitForLog("backend \(origin.endpoint) down") != nil)
            let good = Atomic(0)
            origin.answerProbes { _ in
                good.add(1, ordering: .relaxed)
                return [.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), .close]
            }
            #expect(balancer.waitForLog("backend \(origin.endpoint) up") != nil)
            #expect(good.load(ordering: .relaxed) >= 4)
            #expect(origin.waitForProbes(origin.probes.count + 3))
            #expect(balancer.logLines("backend \(origin.endpoint) down").count == 1)
            #expect(balancer.logLines("backend \(origin.endpoint) up").count == 1)
        }
    }

    @Test func `a backend that is down is asked again long before its interval is over`() throws {
        let origin = try Origin.ok("back")
        try withBalancer([origin.endpoint], ["--health-interval", "60s", "--health-fall", "2"]) {
            balancer throws in
            #expect(origin.waitForProbes(1))
            origin.stop()
            for _ in 0..<2 { #expect(try balancer.get().status != 200) }
            #expect(balancer.waitForLog("backend \(origin.endpoint) down") != nil)
            try origin.restart()
            #expect(balancer.waitForLog("backend \(origin.endpoint) up") != nil)
            #expect(try balancer.get().text == "back")
        }
    }

    @Test func `a frozen backend does not delay the probes of the others`() throws {
        let frozen = try Origin.ok()
        frozen.welcome(.ignore)
        let origin = try Origin.ok()
        let flags = ["--health-interval", "100ms", "--health-timeout", "10s"]
        try withBalancer([frozen.endpoint, origin.endpoint], flags) { _ in
            #expect(origin.waitForProbes(5, within: .seconds(9)))
        }
    }

    @Test func `an interval of zero sends no probe`() throws {
        let origin = try Origin.ok("alive")
        try withBalancer([origin.endpoint], ["--health-interval", "0"]) { balancer throws in
            #expect(try balancer.get().text == "alive")
            #expect(!origin.waitForProbes(1, within: .milliseconds(500)))
        }
    }

    @Test func `a name that does not resolve is a backend that is down, not a failed start`() throws {
        let origin = try Origin.ok("alive")
        try withBalancer(["nosuch.invalid:80", origin.endpoint], quickHealth) { balancer throws in
            let line = try #require(
                balancer.waitForLog("backend nosuch.invalid:80 down", within: .seconds(30))
            )
            #expect(line.contains("dns"))
            let client = PlacementReference.client(of: 0, among: 2)
            #expect(try balancer.get(from: client).text == "alive")
        }
    }

    @Test func `a named backend is probed under its name`() throws {
        let origin = try Origin.ok("alive")
        try withBalancer(["localhost:\(origin.port)"], quickHealth) { balancer throws in
            #expect(origin.waitForProbes(3))
            #expect(balancer.logLines("down").isEmpty)
            #expect(try balancer.get().text == "alive")
        }
        #expect(origin.probes.first?["Host"] == "localhost:\(origin.port)")
    }
}
