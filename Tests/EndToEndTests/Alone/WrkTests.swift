import TestSupport
import Testing

/// The load generator wrk finds nothing to complain about.
@Suite(.serialized) struct WrkTests {
    @Test(.disabled(if: ExternalProgram("wrk") == nil, "wrk is not installed"))
    func `three seconds with 64 connections pass without an error`() throws {
        let origins = try (0..<2).map { _ in try Origin.ok("hello") }
        try withBalancer(origins.map(\.endpoint), ["--access-log", "off"]) { balancer throws in
            let program = try #require(ExternalProgram("wrk"))
            let arguments = ["-t1", "-c64", "-d3s", "http://127.0.0.1:\(balancer.port)/"]
            let outcome = try program.run(arguments)
            #expect(outcome.status == .code(0), "\(outcome.errors)")
            #expect(!outcome.output.contains("Non-2xx"), "\(outcome.output)")
            #expect(!outcome.output.contains("Socket errors"), "\(outcome.output)")
            let count = outcome.output.firstMatch(of: /(\d+) requests in/).flatMap { Int($0.1) }
            #expect(try #require(count) > 500, "\(outcome.output)")
        }
    }
}
