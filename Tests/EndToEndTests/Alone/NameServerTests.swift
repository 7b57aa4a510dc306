import TestSupport
import Testing

/// Name servers that do not answer hold up neither probes nor clients nor the end.
///
/// Look-ups are held by a library that is preloaded, which goes ill with a sanitizer's.
@Suite(.serialized, .enabled(if: !Balancer.isSanitized)) struct NameServerTests {
    private static let probing = ["--health-interval", "1s", "--health-timeout", "2s"]

    @Test func `thirty names whose look-ups hang are probed as before`() throws {
        let origin = try Origin.ok()
        let injector = try FaultInjector()
        let backends = (0..<30).map { "held-\($0):\(origin.port)" }
        try withBalancer(backends, Self.probing, environment: injector.environment) { balancer throws in
            #expect(origin.waitForProbes(60))
            injector.fail(.heldLookUp, with: 1)
            #expect(injector.waitForFailures(5, of: .heldLookUp))
            let seen = origin.probes.count
            // Two rounds of a second.
            #expect(origin.waitForProbes(seen + 60))
            #expect(try balancer.get().status == 200)
            #expect(balancer.logLines(" down ").isEmpty)
            injector.heal(.heldLookUp)
        }
    }

    @Test func `a start with dead name servers serves by the other backends, and names come when answered`()
        throws
    {
        let origin = try Origin.ok("alive")
        let injector = try FaultInjector()
        injector.fail(.heldLookUp, with: 1)
        let backends = (0..<30).map { "held-\($0):\(origin.port)" } + [origin.endpoint]
        try withBalancer(backends, Self.probing, environment: injector.environment) { balancer throws in
            let answer = try timed { try balancer.get() }
            #expect(answer.result.text == "alive")
            // Clients wait for names for two seconds; the rest is a slow machine's.
            #expect(answer.took < .seconds(6))
            #expect(balancer.waitForLog("dns: held-7: no answer within 5 s") != nil)
            injector.heal(.heldLookUp)
            #expect(balancer.waitForLog("backend held-29:\(origin.port) up after") != nil)
        }
    }

    @Test func `a stop ends although look-ups hang`() throws {
        let origin = try Origin.ok()
        let injector = try FaultInjector()
        injector.fail(.heldLookUp, with: 1)
        let backends = (0..<30).map { "held-\($0):\(origin.port)" } + [origin.endpoint]
        let balancer = try Balancer(
            backends: backends,
            flags: Self.probing + ["--drain-timeout", "2s"],
            environment: injector.environment
        )
        #expect(try balancer.get().status == 200)
        #expect(injector.waitForFailures(5, of: .heldLookUp))
        let ending = timed { balancer.stop(within: .seconds(10)) }
        #expect(ending.result == .code(0))
        #expect(ending.took < .seconds(3))
    }
}
