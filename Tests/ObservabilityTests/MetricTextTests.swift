import HTTPMessages
import TestSupport
import Testing

@testable import Observability

/// Metrics are written to the letter of both formats.
@Suite struct MetricTextTests {
    private func text(_ snapshot: ServerSnapshot, _ format: MetricFormat) -> [UInt8] {
        let output = ByteWriter()
        snapshot.writeMetrics(as: format, to: output)
        return output.bytes
    }

    private func exposition(_ snapshot: ServerSnapshot, _ format: MetricFormat) throws -> Exposition {
        try Exposition(text(snapshot, format), isOpenMetrics: format == .openMetrics)
    }

    @Test(arguments: [(MetricFormat.prometheus, "metrics.prometheus"), (.openMetrics, "metrics.openmetrics")])
    func `the whole text is as it was written down once`(_ format: MetricFormat, _ file: String) throws {
        let expected = try golden(file)
        let actual = String(decoding: text(.busy(), format), as: UTF8.self)
        let expectedLines = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let actualLines = actual.split(separator: "\n", omittingEmptySubsequences: false)
        for (expected, actual) in zip(expectedLines, actualLines) { #expect(expected == actual) }
        #expect(expectedLines.count == actualLines.count)
    }

    private func golden(_ file: String) throws -> String {
        let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        return String(decoding: try readWholeFile("/\(folder)/Golden/\(file)"), as: UTF8.self)
    }

    @Test(arguments: MetricFormat.allCases)
    func `a strict reader finds every metric of the catalog and the values`(_ format: MetricFormat) throws {
        let metrics = try exposition(.busy(), format)
        let names = MetricCatalog.all.map { format == .openMetrics ? "\($0.family)" : $0.name }
        #expect(Set(metrics.order) == Set(names) && metrics.order.count == names.count)
        let backend = ["backend": "10.0.0.1:80"]
        func labels(_ more: [String: String]) -> [String: String] { backend.merging(more) { $1 } }
        #expect(metrics.value("swerve_exchanges_total", ["end": "ok"]) == 98)
        #expect(metrics.value("swerve_build_info", ["version": "1.2.3"]) == 1)
        #expect(metrics.value("swerve_requests_total", labels(["code": "2xx", "method": "GET"])) == 90)
        #expect(metrics.value("swerve_requests_total", labels(["code": "3xx", "method": "POST"])) == 8)
        #expect(metrics.value("swerve_request_duration_seconds_count", backend) == 100)
        #expect(metrics.value("swerve_request_duration_seconds_sum", backend) == 0.495)
        #expect(metrics.value("swerve_request_duration_seconds_bucket", labels(["le": "0.005"])) == 51)
        let header = "swerve_upstream_response_header_duration_seconds_sum"
        #expect(metrics.value(header, backend) == 2.000_000_001)
        #expect(metrics.value("swerve_received_bytes_total", ["side": "client"]) == 5000)
        #expect(metrics.value("swerve_sent_bytes_total", labels(["side": "backend"])) == 4000)
        #expect(metrics.value("swerve_backend_up", backend) == 1)
        #expect(metrics.value("swerve_backend_up", ["backend": "app.internal:8080"]) == 0)
        #expect(metrics.value("swerve_config_last_reload_success_timestamp_seconds") == 1_764_030_000)
        #expect(metrics.value("process_cpu_seconds_total") == 12.5)
        #expect(metrics.value("swerve_client_connections_accepted_total") == 40)
    }

    @Test(arguments: MetricFormat.allCases)
    func `samples carry the labels that the catalog names`(_ format: MetricFormat) throws {
        let metrics = try exposition(.busy(), format)
        for metric in MetricCatalog.all {
            let family = format == .openMetrics ? "\(metric.family)" : metric.name
            let samples = metrics.samples.filter { $0.family == family }
            #expect(!samples.isEmpty, "\(family)")
            var allowed = Set(metric.labels.map { "\($0)" })
            for sample in samples {
                var found = Set(sample.labels.keys)
                if metric.kind == .histogram { found.remove("le") }
                if sample.labels["side"] == "client" {
                    allowed.remove("backend")
                } else {
                    allowed.formUnion(found)
                }
                #expect(found == allowed && found.isSubset(of: metric.labels.map { "\($0)" }), "\(sample)")
            }
        }
    }

    @Test(arguments: MetricFormat.allCases)
    func `every series of a backend is there with zero from the start`(_ format: MetricFormat) throws {
        var snapshot = ServerSnapshot()
        snapshot.backends = [BackendSnapshot(named: "10.0.0.3:80", at: 0)]
        let metrics = try exposition(snapshot, format)
        let series = metrics.samples.filter { $0.labels["backend"] != nil }
        #expect(series.filter { $0.value != 0 }.map(\.name) == ["swerve_backend_up", "swerve_backend_state"])
        let families = Set(series.map(\.family)).count
        #expect(families == MetricCatalog.all.filter { $0.labels.contains { "\($0)" == "backend" } }.count)
        #expect(series.count { $0.family.hasPrefix("swerve_requests") && $0.labels["code"] != nil } == 5)
        #expect(series.count { $0.labels["reason"] != nil && $0.labels["to"] == nil } == 5)
        #expect(series.count { $0.labels["to"] != nil } == 3)
    }

    @Test(arguments: MetricFormat.allCases)
    func `no name of a backend breaks out of its label`(_ format: MetricFormat) throws {
        let names = [
            "a\"b", "a\\b", "a\nb", "a\\n", "\\", "\"", "\n", "a\"} 1\nx{y=\"", "ü→", "{}", ",=", "",
        ]
        for name in names {
            var snapshot = ServerSnapshot()
            snapshot.version = name
            snapshot.backends = [
                BackendSnapshot(named: name, at: 0), BackendSnapshot(named: name + "'", at: 1),
            ]
            snapshot.faults = [(name, 1)]
            let metrics = try exposition(snapshot, format)
            #expect(metrics.value("swerve_backend_up", ["backend": name]) == 1)
            #expect(metrics.value("swerve_build_info", ["version": name]) == 1)
            #expect(metrics.value("swerve_system_faults_total", ["kind": name]) == 1)
        }
    }

    @Test(arguments: MetricFormat.allCases)
    func `two backends of one name are one series, in the state of the first`(_ format: MetricFormat) throws {
        var snapshot = ServerSnapshot.busy()
        var removed = snapshot.backends[0]
        removed.position = nil
        removed.state = .drain
        snapshot.backends.append(removed)
        let metrics = try exposition(snapshot, format)
        let backend = ["backend": "10.0.0.1:80"]
        #expect(metrics.value("swerve_request_duration_seconds_count", backend) == 200)
        #expect(metrics.value("swerve_requests_in_flight", backend) == 6)
        #expect(metrics.value("swerve_backend_up", backend) == 1)
        let good = ["backend": "10.0.0.1:80", "result": "success"]
        #expect(metrics.value("swerve_health_checks_total", good) == 12)
    }

    @Test(arguments: MetricFormat.allCases)
    func `the largest numbers stay numbers`(_ format: MetricFormat) throws {
        var snapshot = ServerSnapshot.busy()
        snapshot.clients.received = .max
        snapshot.clients.open = -1
        snapshot.backends[0].traffic.duration.nanoseconds = .max
        snapshot.process.cpuSeconds = 0.000_01
        let metrics = try exposition(snapshot, format)
        #expect(metrics.value("swerve_received_bytes_total", ["side": "client"]) == Double(Int.max))
        #expect(metrics.value("swerve_client_connections") == 0)
        #expect(metrics.value("process_cpu_seconds_total") == 0.000_01)
    }

    @Test func `the text for Prometheus passes promtool`() throws {
        let promtool = try #require(
            ExternalProgram("promtool"),
            "promtool is missing; Scripts/setup --tests installs Debian's prometheus, which brings it"
        )
        let outcome = try promtool.run(["check", "metrics"], input: text(.busy(), .prometheus))
        #expect(outcome.status == .code(0), "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output + outcome.errors == "")
    }

    @Test func `promtool does not pass everything`() throws {
        let promtool = try #require(ExternalProgram("promtool"), "promtool is missing")
        let broken = String(decoding: text(.busy(), .prometheus), as: UTF8.self)
            .replacing("swerve_requests_total", with: "swerve_requests")
        #expect(try promtool.run(["check", "metrics"], input: Array(broken.utf8)).status != .code(0))
    }
}
