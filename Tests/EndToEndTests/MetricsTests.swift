import TestSupport
import Testing

/// What the real binary counts can be scraped and says what happened.
@Suite struct MetricsTests {
    private static let openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    private static let prometheus = "text/plain; version=0.0.4; charset=utf-8"

    private func scrape(_ balancer: Balancer, accept: String? = nil) throws -> Response {
        let fields = accept.map { "Accept: \($0)\r\n" } ?? ""
        let request = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\(fields)\r\n"
        return try RawClient(to: balancer.adminPort).exchange(request)
    }

    @Test func `a scrape counts what was served, in the format that was asked for`() throws {
        let origins = try (0..<2).map { try Origin.ok("backend \($0)") }
        try withBalancer(origins.map(\.endpoint), ["--admin", "127.0.0.1:0"]) { balancer throws in
            let client = PlacementReference.client(of: 1, among: 2)
            for _ in 0..<3 { #expect(try balancer.get(from: client).status == 200) }
            for (accept, type) in [
                (nil, Self.prometheus), ("*/*", Self.prometheus),
                ("application/openmetrics-text;version=1.0.0", Self.openMetrics),
            ] {
                let answers = ["backend": origins[1].endpoint, "code": "2xx", "method": "GET"]
                // The last answer may still be on its way into the books when the client has it.
                let isCounted = try eventually {
                    let response = try scrape(balancer, accept: accept)
                    #expect(response.status == 200 && response["Content-Type"] == type)
                    let metrics = try Exposition(response.body, isOpenMetrics: type == Self.openMetrics)
                    #expect(metrics.value("swerve_backend_up", ["backend": origins[0].endpoint]) == 1)
                    return metrics.value("swerve_requests_total", answers) == 3
                        && metrics.value("swerve_requests_in_flight", ["backend": origins[1].endpoint]) == 0
                }
                #expect(isCounted, "\(type)")
            }
        }
    }

    @Test func `promtool has nothing to say about a scrape`() throws {
        let promtool = try #require(
            ExternalProgram("promtool"),
            "promtool is missing; Scripts/setup --tests installs Debian's prometheus, which brings it"
        )
        let origin = try Origin.ok()
        try withBalancer([origin.endpoint], ["--admin", "127.0.0.1:0"]) { balancer throws in
            #expect(try balancer.get().status == 200)
            let response = try scrape(balancer)
            let outcome = try promtool.run(["check", "metrics"], input: response.body)
            #expect(outcome.status == .code(0) && outcome.output + outcome.errors == "", "\(outcome)")
        }
    }
}
