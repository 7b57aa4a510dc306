import HTTPMessages
import Testing

@testable import Observability

/// The status document is valid JSON and says what the snapshot says.
@Suite struct StatusDocumentTests {
    private func document(_ snapshot: ServerSnapshot) throws -> JSONValue {
        let output = ByteWriter()
        snapshot.writeStatus(to: output)
        let text = try #require(String(validating: output.bytes, as: UTF8.self))
        #expect(text.hasSuffix("}\n"))
        return try JSONValue(String(text.dropLast()))
    }

    @Test func `the server and its clients`() throws {
        let status = try document(.busy())
        #expect(status["version"] == .string("1.2.3"))
        #expect(status["now"] == .number(1_764_037_186.25))
        #expect(status["started"] == .number(1_764_000_000.5))
        #expect(status["phase"] == .string("running"))
        #expect(status["ready"] == .bool(true) && status["not_ready"] == .null)
        #expect(status["listeners"] == .array([.string("http://127.0.0.1:8000")]))
        #expect(status["clients", "open"] == .number(7) && status["clients", "limit"] == .number(1000))
        #expect(status["clients", "ends", "ok"] == .number(98))
        #expect(status["clients", "rejected", "head_too_large"] == .number(2))
        #expect(status["clients", "no_backend", "none_alive"] == .number(1))
        #expect(status["reloads", "last_error"] == .string("swerve.toml:3: no such key"))
        #expect(status["process", "dropped_log_lines"] == .number(4))
        #expect(status["process", "faults", "accept"] == .number(5))
        #expect(status["bounds_ms"]?.elements.prefix(2) == [.number(1), .number(2.5)])
        #expect(status["bounds_ms"]?.elements.last == .number(60_000))
    }

    @Test func `a backend at work`() throws {
        let backend = try #require(try document(.busy())["backends"]?.elements.first)
        #expect(backend["name"] == .string("10.0.0.1:80"))
        #expect(backend["position"] == .number(0))
        #expect(backend["state"] == .string("up") && backend["alive"] == .bool(true))
        #expect(backend["age_seconds"] == .number(60.5) && backend["next_probe_seconds"] == .number(3.25))
        #expect(backend["requests"] == .number(100) && backend["share"] == .number(1))
        #expect(backend["by_class", "2xx"] == .number(90) && backend["by_class", "5xx"] == .number(2))
        #expect(
            backend["connections", "idle"] == .number(4) && backend["connections", "reused"] == .number(94)
        )
        #expect(backend["duration", "count"] == .number(100))
        #expect(backend["duration", "buckets"]?.elements.count == 16)
        #expect(backend["retries", "stale"] == .number(1))
        #expect(backend["header", "sum_seconds"] == .number(2))
        #expect(backend["probes", "good"] == .number(6) && backend["probes", "p50_ms"] == .number(0.75))
    }

    @Test func `a backend that is down says why and when it is asked again`() throws {
        let backend = try #require(try document(.busy())["backends"]?.elements[1])
        #expect(backend["state"] == .string("down") && backend["alive"] == .bool(false))
        #expect(backend["reason"] == .string("HEAD / answered 404, want 200-399"))
        #expect(backend["resolved"] == .string("10.0.0.9:8080"))
        #expect(backend["share"] == .number(0) && backend["duration", "p99_ms"] == .null)
        let transitions = try #require(backend["transitions"]?.elements)
        #expect(transitions.map { $0["to"] } == [.string("down"), .string("drain")])
        #expect(transitions.map { $0["count"] } == [.number(1), .number(2)])
    }

    @Test func `totals are the sums over the backends`() throws {
        var snapshot = ServerSnapshot.busy()
        snapshot.backends[2].traffic = snapshot.backends[0].traffic
        let status = try document(snapshot)
        #expect(status["totals", "requests"] == .number(200))
        #expect(status["totals", "in_flight"] == .number(6))
        #expect(status["totals", "duration", "count"] == .number(200))
        #expect(status["backends"]?.elements.map { $0["share"] } == [.number(0.5), .number(0), .number(0.5)])
    }

    @Test func `a server that is not ready says why, and what a reload took out has no position`() throws {
        var snapshot = ServerSnapshot.busy()
        snapshot.notReady = "no backend is alive"
        snapshot.phase = .draining
        snapshot.backends[0].position = nil
        snapshot.backends[0].nextProbe = nil
        let status = try document(snapshot)
        #expect(status["ready"] == .bool(false) && status["not_ready"] == .string("no backend is alive"))
        #expect(status["phase"] == .string("draining"))
        #expect(status["backends"]?.elements[0]["position"] == .null)
        #expect(status["backends"]?.elements[0]["next_probe_seconds"] == .null)
    }

    @Test func `no text breaks out of its string`() throws {
        var texts = ["\"", "\\", "\\u0041", "</script>", "ü→🙂", "\u{2028}", "\",\"alive\":true,\"x\":\"", ""]
        texts += (0..<0x20).map { "a" + String(UnicodeScalar(UInt8($0))) + "b" } + ["\u{7f}"]
        for text in texts {
            var snapshot = ServerSnapshot.busy()
            snapshot.backends[0].name = text
            snapshot.backends[0].reason = text
            snapshot.reloads.lastError = text
            snapshot.faults = [(text, 1)]
            let status = try document(snapshot)
            #expect(status["backends"]?.elements[0]["name"] == .string(text))
            #expect(status["backends"]?.elements[0]["reason"] == .string(text))
            #expect(status["reloads", "last_error"] == .string(text))
            #expect(status["process", "faults", text] == .number(1))
        }
    }

    @Test(arguments: [
        (0, "0"), (-0.0, "0"), (1, "1"), (0.25, "0.25"), (-1.5, "-1.5"), (0.0004, "0"), (0.0006, "0.001"),
        (1e14, "100000000000000"),
    ])
    func `numbers have three decimals at most`(_ number: Double, _ text: String) throws {
        var snapshot = ServerSnapshot()
        snapshot.now = number
        #expect(try document(snapshot)["now"] == (try JSONValue(text)))
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300])
    func `what JSON has no number for is null`(_ number: Double) throws {
        var snapshot = ServerSnapshot()
        snapshot.now = number
        #expect(try document(snapshot)["now"] == .null)
    }
}

/// Quantiles are estimated as Prometheus does it.
@Suite struct QuantileTests {
    private func histogram(_ counts: [Int: UInt64]) -> HistogramTotals {
        var totals = HistogramTotals(.request)
        for (bucket, count) in counts { totals.counts[bucket] = count }
        return totals
    }

    @Test func `without values there is none`() {
        #expect(histogram([:]).quantile(0.5) == nil)
    }

    @Test(
        arguments: [
            // Evenly within the first bucket, 0 to 1 ms.
            ([0: 10], 0.5, 0.5), ([0: 10], 1, 1), ([0: 10], 0, 0),
            // Within 5 to 10 ms.
            ([3: 4], 0.5, 7.5), ([0: 50, 3: 50], 0.75, 7.5), ([0: 50, 3: 50], 0.5, 1),
            ([0: 99, 14: 1], 0.99, 1), ([0: 98, 14: 2], 0.99, 45_000),
            // Of what is beyond the last bound only that bound is known.
            ([15: 3], 0.5, 60_000), ([0: 1, 15: 3], 0.99, 60_000),
        ] as [([Int: UInt64], Double, Double)]
    )
    func `values are evenly spread within their bucket`(
        _ counts: [Int: UInt64],
        _ share: Double,
        _ milliseconds: Double
    ) throws {
        let quantile = try #require(histogram(counts).quantile(share))
        #expect(abs(quantile / 1e6 - milliseconds) < 1e-9)
    }
}
