import TestSupport
import Testing

/// All connects of a request together, and backends that are not probed.
@Suite struct SearchLimitTests {
    @Test func `all connects of a request together have one limit`() throws {
        let silent = try (0..<8).map { _ in try UnansweringAddress() }
        let flags = [
            "--connect-timeout", "1s", "--connect-total-timeout", "2s", "--health-interval", "0",
        ]
        try withBalancer(silent.map(\.endpoint), flags) { balancer throws in
            let clock = ContinuousClock()
            let start = clock.now
            let response = try balancer.get()
            let took = clock.now - start
            #expect(response.status == 504 && response.text.contains("--connect-total-timeout"))
            // Eight attempts would take eight seconds.
            #expect(took > .milliseconds(1900) && took < .seconds(6), "\(took)")
        }
    }

    @Test func `a backend that is found in time answers`() throws {
        let silent = try UnansweringAddress()
        let origin = try Origin.ok("found")
        let flags = ["--connect-timeout", "300ms", "--connect-total-timeout", "20s"]
        try withBalancer([silent.endpoint, origin.endpoint], flags) { balancer throws in
            #expect(try balancer.get(from: PlacementReference.client(of: 0, among: 2)).text == "found")
        }
    }

    @Test func `without probes a backend that cannot be connected to is passed over for a while`() throws {
        let silent = try UnansweringAddress()
        let origin = try Origin.ok("other")
        let flags = [
            "--connect-timeout", "500ms", "--health-interval", "0", "--workers", "1", "--log-format", "json",
        ]
        try withBalancer([silent.endpoint, origin.endpoint], flags) { balancer throws in
            let client = PlacementReference.client(of: 0, among: 2)
            for path in ["/first", "/second"] {
                #expect(try balancer.get(path, from: client).text == "other")
            }
            let lines = ["/first", "/second"].map { path in
                balancer.process.output.waitForLine { $0.contains("\"\(path)\"") } ?? ""
            }
            #expect(lines[0].contains("\"picked\":\"retry\"") && lines[1].contains("\"picked\":\"next\""))
            #expect(balancer.logLines(" down ").isEmpty)
        }
    }

    @Test func `without probes a backend that is the only one left is tried again`() throws {
        let origin = try Origin.ok("back")
        origin.stop()
        let flags = ["--health-interval", "0", "--workers", "1"]
        try withBalancer(origin, flags) { balancer throws in
            #expect(try balancer.get().status == 502)
            try origin.restart()
            #expect(try balancer.get().text == "back")
        }
    }

    @Test func `one connect always has its time, and its backend is passed over when it takes longer`() throws
    {
        let silent = try UnansweringAddress()
        let origin = try Origin.ok("other")
        let flags = ["--connect-timeout", "500ms", "--connect-total-timeout", "300ms", "--workers", "1"]
        try withBalancer([silent.endpoint, origin.endpoint], flags) { balancer throws in
            let client = PlacementReference.client(of: 0, among: 2)
            #expect(try balancer.get(from: client).status == 504)
            #expect(try balancer.get(from: client).text == "other")
        }
    }
}
