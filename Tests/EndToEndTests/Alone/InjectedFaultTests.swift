import Glibc
import TestSupport
import Testing

/// What the system refuses, seen by the binary that is shipped: each refusal is said once, survived, and over when the
/// system has recovered.
///
/// The calls are failed by a library that is preloaded, which goes ill with a sanitizer's.
@Suite(.serialized, .enabled(if: Balancer.isReleaseBuild)) struct InjectedFaultTests {
    private func withFaults(
        _ backends: [String],
        _ flags: [String] = [],
        _ body: (Balancer, FaultInjector) throws -> Void
    ) throws {
        let injector = try FaultInjector()
        try withBalancer(backends, flags, environment: injector.environment) { try body($0, injector) }
    }

    /// The faults that the metrics tell, by kind.
    private func faults(of balancer: Balancer) throws -> [String: Int] {
        let text = try balancer.admin("GET", "/metrics").text
        let samples = text.matches(of: /swerve_system_faults_total\{kind="(\w+)"\} (\d+)/)
        return Dictionary(uniqueKeysWithValues: samples.map { (String($0.1), Int($0.2) ?? 0) })
    }

    @Test(arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM])
    func `accepting that fails rests, spins not and goes on`(_ code: Int32) throws {
        let origin = try Origin.ok()
        try withFaults([origin.endpoint], ["--admin", "127.0.0.1:0"]) { balancer, injector throws in
            let early = try RawClient(to: balancer.port)
            #expect(try early.exchange(plainRequest).status == 200)
            injector.fail(.accept, with: code)
            let late = try RawClient(to: balancer.port)
            try late.send(plainRequest)
            #expect(injector.waitForFailures(4, of: .accept))
            // Ten times a second; whoever does not rest fails ten thousand times.
            let before = injector.failures(of: .accept)
            pass(.milliseconds(300))
            #expect(injector.failures(of: .accept) - before < 100)
            #expect(try early.exchange(plainRequest).status == 200)
            injector.heal(.accept)
            #expect(try late.readResponse().status == 200)
            #expect(balancer.logLines("accepting rests: ").count == 1)
            #expect(try faults(of: balancer)["accept"] ?? 0 >= 4)
        }
    }

    @Test func `the admin listener rests as well`() throws {
        let origin = try Origin.ok()
        try withFaults([origin.endpoint], ["--admin", "127.0.0.1:0"]) { balancer, injector throws in
            let port = balancer.adminPort
            injector.fail(.accept, with: EMFILE)
            let client = try RawClient(to: port)
            try client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(injector.waitForFailures(2, of: .accept))
            let before = injector.failures(of: .accept)
            pass(.milliseconds(300))
            #expect(injector.failures(of: .accept) - before < 100)
            injector.heal(.accept)
            #expect(try client.readResponse().status == 200)
        }
    }

    @Test func `a client that leaves before it is accepted is nobody's loss`() throws {
        let origin = try Origin.ok()
        try withFaults([origin.endpoint]) { balancer, injector throws in
            injector.fail(.accept, with: ECONNABORTED, times: 5)
            #expect(try balancer.get().status == 200)
            #expect(injector.failures(of: .accept) == 5)
            #expect(balancer.logLines("warning").isEmpty)
        }
    }

    @Test(arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM])
    func `a connection that this machine has nothing for is a 503 and no backend's fault`(
        _ code: Int32
    ) throws {
        let origin = try ScriptedPeer { _ in [.send(answerText("ok", ["Connection: close"])), .close] }
        try withFaults([origin.endpoint], quickHealth) { balancer, injector throws in
            #expect(origin.waitForProbes(1))
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(plainRequest).status == 200)
            injector.fail(.socket, with: code)
            for _ in 0..<5 {
                let answer = try client.exchange(plainRequest)
                #expect(answer.status == 503)
                #expect(answer["Retry-After"] == "1")
            }
            #expect(balancer.waitForLog("cannot be probed: ") != nil)
            injector.heal(.socket)
            #expect(try client.exchange(plainRequest).status == 200)
            #expect(balancer.logLines("no connection to a backend can be made: ").count == 1)
            #expect(balancer.logLines("cannot be probed: ").count == 1)
            #expect(balancer.logLines(" down ").isEmpty)
        }
    }

    @Test func `ports that run out for one backend send a request to the next`() throws {
        let origins = try [Origin.ok("first"), Origin.ok("second")]
        try withFaults(origins.map(\.endpoint)) { balancer, injector throws in
            let client = PlacementReference.client(of: 0, among: 2)
            injector.fail(.connect, with: EADDRNOTAVAIL, times: 1)
            #expect(try balancer.get(from: client).text == "second")
            #expect(injector.failures(of: .connect) == 1)
            #expect(try balancer.get(from: client).text == "first")
            #expect(balancer.logLines("no connection to a backend can be made: ").count == 1)
        }
    }

    @Test(arguments: [EADDRNOTAVAIL, EAGAIN, ENOBUFS])
    func `ports that run out for every backend are a 503`(_ code: Int32) throws {
        let origins = try [Origin.ok(), Origin.ok()]
        try withFaults(origins.map(\.endpoint), quickHealth + ["--admin", "127.0.0.1:0"]) {
            balancer,
            injector throws in
            for origin in origins { #expect(origin.waitForProbes(1)) }
            injector.fail(.connect, with: code)
            for _ in 0..<3 { #expect(try balancer.get().status == 503) }
            #expect(balancer.waitForLog("cannot be probed: ") != nil)
            injector.heal(.connect)
            #expect(try balancer.get().status == 200)
            #expect(balancer.logLines("no connection to a backend can be made: ").count == 1)
            #expect(balancer.logLines(" down ").isEmpty)
            let counts = try faults(of: balancer)
            #expect(counts["connection"] ?? 0 >= 3 && counts["probe"] ?? 0 >= 1, "\(counts)")
        }
    }

    @Test(arguments: [ENOBUFS, EINTR, EAGAIN])
    func `a write that finds no buffer is made again`(_ code: Int32) throws {
        let origin = try Origin.ok()
        try withFaults([origin.endpoint]) { balancer, injector throws in
            let client = try RawClient(to: balancer.port)
            for _ in 0..<3 {
                injector.fail(.send, with: code, times: 2)
                #expect(try client.exchange(plainRequest).status == 200)
            }
            #expect(injector.failures(of: .send) == 6)
        }
    }

    @Test(arguments: [ENOBUFS, ENOMEM])
    func `a write that fails for good ends its exchange alone, and at once`(_ code: Int32) throws {
        let origin = try Origin.ok()
        try withFaults([origin.endpoint]) { balancer, injector throws in
            for round in 1...3 {
                // The first write is put off, and the queue's own write then fails.
                injector.fail(.send, with: EAGAIN, times: 1)
                injector.fail(.writev, with: code, times: 1)
                let client = try RawClient(to: balancer.port)
                try client.send(plainRequest)
                let outcome = client.readOutcome()
                if case .timedOut = outcome { Issue.record("nothing came") }
                #expect(injector.failures(of: .writev) == round)
                #expect(try balancer.get().status == 200)
            }
        }
    }

    @Test(arguments: [ENOSPC, ENOMEM])
    func `a client that cannot be waited for is let go in time`(_ code: Int32) throws {
        let origin = try Origin.ok()
        try withFaults([origin.endpoint], ["--client-idle-timeout", "500ms"]) { balancer, injector throws in
            let other = try RawClient(to: balancer.port)
            #expect(try other.exchange(plainRequest).status == 200)
            injector.fail(.epollAdd, with: code, times: 1)
            let client = try RawClient(to: balancer.port)
            #expect(injector.waitForFailures(1, of: .epollAdd))
            #expect(try other.exchange(plainRequest).status == 200)
            #expect(client.waitForClose() == .closed)
            #expect(balancer.logLines("libevent: ").count == 1)
            #expect(try balancer.get().status == 200)
        }
    }

    @Test func `a backend that cannot be waited for is a connect that times out`() throws {
        let origin = try ScriptedPeer { _ in [.send(answerText("ok", ["Connection: close"])), .close] }
        try withFaults([origin.endpoint], ["--connect-timeout", "300ms"]) { balancer, injector throws in
            // The client's own descriptor is waited for once it has had an answer.
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(plainRequest).status == 200)
            injector.fail(.epollAdd, with: ENOSPC, times: 1)
            #expect(try client.exchange(plainRequest).status == 504)
            #expect(injector.failures(of: .epollAdd) == 1)
            #expect(try client.exchange(plainRequest).status == 200)
        }
    }

    @Test func `a loop that cannot wait ends the process instead of keeping clients waiting`() throws {
        let injector = try FaultInjector()
        let origin = try Origin.ok()
        let balancer = try Balancer(backends: [origin.endpoint], environment: injector.environment)
        injector.fail(.epollWait, with: EBADF, times: 1)
        // Whichever worker gets it has to wake up first.
        let client = try RawClient(to: balancer.port)
        try? client.send(plainRequest)
        let ending = balancer.process.waitForExit()
        #expect(ending != nil && ending != .code(0), "\(String(describing: ending))")
        #expect(balancer.process.errors.waitForEnd())
        #expect(balancer.process.errors.text.contains("cannot wait"))
    }

    @Test func `a name that stops resolving keeps its last address`() throws {
        let origin = try Origin.ok("alive")
        try withFaults(["localhost:\(origin.port)"], quickHealth) { balancer, injector throws in
            #expect(origin.waitForProbes(2))
            injector.fail(.lookUp, with: EAI_AGAIN)
            #expect(balancer.waitForLog("the name no longer resolves") != nil)
            #expect(injector.waitForFailures(5, of: .lookUp))
            let seen = origin.probes.count
            #expect(try balancer.get().text == "alive")
            #expect(origin.waitForProbes(seen + 3))
            injector.heal(.lookUp)
            #expect(balancer.waitForLog("the name resolves again") != nil)
            #expect(try balancer.get().text == "alive")
            #expect(balancer.logLines("the name no longer resolves").count == 1)
            #expect(balancer.logLines("warning: dns: localhost: ").count == 1)
            #expect(balancer.logLines(" down ").isEmpty)
        }
    }

    @Test func `a name that did not resolve at the start comes up with its first address`() throws {
        let origin = try Origin.ok("alive")
        let injector = try FaultInjector()
        injector.fail(.lookUp, with: EAI_NONAME)
        let backends = ["localhost:\(origin.port)"]
        try withBalancer(backends, quickHealth, environment: injector.environment) { balancer throws in
            #expect(try balancer.get().status == 503)
            #expect(balancer.waitForLog("down after") != nil)
            injector.heal(.lookUp)
            #expect(balancer.waitForLog("up after") != nil)
            #expect(try balancer.get().text == "alive")
        }
    }
}
