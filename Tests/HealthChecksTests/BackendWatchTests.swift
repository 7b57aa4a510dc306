import Configuration
import Events
import LoopSupport
import TestSupport
import Testing
import Upstreams

@testable import HealthChecks

/// One backend is probed, doubted, taken out and brought back.
@Suite struct BackendWatchTests {
    @Test func `a backend that answers its first probe is up`() throws {
        let peer = try Origin.ok()
        let scene = try WatchScene(port: peer.port)
        #expect(scene.state.standing == .trial)
        scene.start()
        #expect(scene.isLocated)
        #expect(scene.run { $0.standing == .up })
        #expect(scene.state.probes.good == 1 && scene.state.nextProbe != nil)
    }

    // MARK: Suspicions

    @Test func `a mute backend is down by probes without pauses`() throws {
        let peer = try Origin.ok()
        let scene = try WatchScene(port: peer.port) { $0.fall = 5 }
        scene.start()
        #expect(scene.run { $0.standing == .up })
        peer.welcome(.ignore)
        scene.letProbeAge()
        let start = ContinuousClock.now
        scene.take(.mute)
        scene.take(.mute)
        #expect(scene.run { $0.standing == .down })
        // With the pauses of a backend that is changing the four would take more than seven seconds.
        #expect(ContinuousClock.now - start < .seconds(6))
        // The wait itself counted once.
        #expect(scene.state.probes.bad == 4 && scene.downCount == 1)
        #expect(scene.state.transitions[.init(to: .down, cause: .probe)] == 1)
    }

    @Test func `a good probe ends the doubt`() throws {
        let peer = try Origin.ok()
        let scene = try WatchScene(port: peer.port)
        scene.start()
        #expect(scene.run { $0.standing == .up })
        for round in 2...5 {
            scene.letProbeAge()
            scene.take(.mute)
            #expect(scene.run { $0.probes.good == round })
        }
        scene.loop.run(for: .milliseconds(100))
        #expect(scene.state.probes.good == 5 && scene.state.standing == .up && scene.downCount == 0)
    }

    @Test func `a backend whose probe was good just now is not probed for each request that waits`() throws {
        let peer = try Origin.ok()
        let scene = try WatchScene(port: peer.port) { $0.timeout = .seconds(30) }
        scene.start()
        #expect(scene.run { $0.standing == .up })
        for _ in 0..<5 { scene.take(.mute) }
        scene.loop.run(for: .milliseconds(200))
        #expect(scene.state.probes.good == 1 && peer.probes.count == 1)
    }

    @Test func `a wait in vain does not take a backend out by itself`() throws {
        let peer = try Origin.ok()
        let scene = try WatchScene(port: peer.port) { $0.fall = 1 }
        scene.start()
        #expect(scene.run { $0.standing == .up })
        scene.letProbeAge()
        scene.take(.mute)
        #expect(scene.state.standing == .up)
        #expect(scene.run { $0.probes.good == 2 })
        #expect(scene.state.standing == .up && scene.downCount == 0)
    }

    @Test func `without probes nothing is probed and nothing taken out`() throws {
        let peer = try Origin.ok()
        let scene = try WatchScene(port: peer.port) { $0.interval = .zero }
        scene.start()
        #expect(scene.state.standing == .up)
        for _ in 0..<5 {
            scene.take(.mute)
            scene.take(.suspected("reset"))
            scene.take(.unreachable("refused"))
        }
        scene.loop.run(for: .milliseconds(100))
        #expect(scene.state.standing == .up && peer.probes.isEmpty)
    }

    @Test func `a failure that may be the request's fault counts once between two probes`() throws {
        let peer = try Origin.ok()
        let scene = try WatchScene(port: peer.port) {
            $0.fall = 2
            $0.timeout = .seconds(30)
        }
        scene.start()
        #expect(scene.run { $0.standing == .up })
        peer.welcome(.ignore)
        for _ in 0..<5 { scene.take(.suspected("reset")) }
        #expect(scene.state.standing == .up && scene.state.nextProbe == nil)
        scene.take(.unreachable("refused"))
        #expect(scene.state.standing == .down && scene.state.reason == "refused")
        #expect(scene.downCount == 1)
        #expect(scene.state.transitions[.init(to: .down, cause: .traffic)] == 1)
    }

    // MARK: The operator

    @Test(arguments: [BackendState.Duty.drain, .maintenance])
    func `a backend that was down when probes were turned off serves again when the operator lets it`(
        _ duty: BackendState.Duty
    ) throws {
        let peer = try Origin.ok()
        peer.stop()
        let scene = try WatchScene(port: peer.port) { $0.fall = 1 }
        scene.start()
        #expect(scene.run { $0.standing == .down })
        scene.assign(duty)
        var health = HealthConfiguration()
        health.interval = .zero
        scene.watch?.follow(health)
        scene.assign(.serving)
        #expect(scene.state.standing == .up)
    }

    @Test func `in maintenance nothing is probed, and after it at once`() throws {
        let peer = try Origin.ok()
        let scene = try WatchScene(port: peer.port) { $0.interval = .milliseconds(20) }
        scene.start()
        #expect(scene.run { $0.probes.good >= 2 })
        scene.assign(.maintenance)
        let count = scene.state.probes.good
        scene.take(.mute)
        scene.take(.unreachable("refused"))
        scene.loop.run(for: .milliseconds(200))
        #expect(scene.state.probes.good == count && scene.state.nextProbe == nil)
        scene.assign(.serving)
        #expect(scene.run { $0.probes.good > count && $0.standing == .up })
    }

    // MARK: Names

    @Test func `traffic goes to the first address of a name that answers`() throws {
        let peer = try ScriptedPeer(address: "127.0.0.2") { _ in [.send("HTTP/1.1 204 No Content\r\n\r\n")] }
        let scene = try WatchScene("app.test", port: peer.port)
        scene.name("app.test", 3, 4, 2)
        scene.start()
        #expect(scene.run { $0.standing == .up })
        #expect(scene.isLocated && scene.state.address?.text == "127.0.0.2:\(peer.port)")
        #expect(scene.state.probes.bad == 2 && scene.downCount == 0)
    }

    @Test func `a look at a name whose addresses all fail counts once`() throws {
        let refusing = try RefusingAddress()
        let scene = try WatchScene("app.test", port: refusing.port) { $0.fall = 2 }
        scene.name("app.test", 1, 2, 3)
        scene.start()
        #expect(scene.run { $0.probes.bad == 3 })
        #expect(scene.state.standing == .trial)
        scene.take(.mute)
        #expect(scene.run { $0.standing == .down })
    }

    @Test func `a name that stops resolving keeps its last address, and is probed on`() throws {
        let peer = try Origin.ok()
        let scene = try WatchScene("app.test", port: peer.port) { $0.interval = .milliseconds(50) }
        scene.name("app.test", 1)
        scene.start()
        #expect(scene.run { $0.standing == .up })
        scene.loseName("app.test")
        #expect(scene.loop.run(until: { scene.lines.contains { $0.contains("no longer resolves") } }))
        let count = scene.state.probes.good
        #expect(scene.run { $0.probes.good >= count + 3 })
        scene.name("app.test", 1)
        #expect(scene.loop.run(until: { scene.lines.contains { $0.contains("resolves again") } }))
        #expect(scene.lines.count == 2 && scene.state.standing == .up)
    }

    @Test func `a name whose look-up hangs is probed on`() throws {
        let peer = try Origin.ok()
        let scene = try WatchScene("app.test", port: peer.port) { $0.interval = .milliseconds(50) }
        scene.name("app.test", 1)
        scene.start()
        #expect(scene.run { $0.standing == .up })
        scene.names.access { $0["app.test"] = .some(nil) }
        scene.watch?.take(.unreachable("reset"))
        let count = scene.state.probes.good
        // More than one look-up's pause.
        scene.loop.run(for: .seconds(1.5))
        #expect(scene.run { $0.probes.good >= count + 10 })
        #expect(scene.lines.isEmpty)
        scene.name("app.test", 1)
    }

    @Test func `a name that is missing is down for that, and trusted when it appears`() throws {
        let peer = try Origin.ok()
        let scene = try WatchScene("app.test", port: peer.port) { $0.interval = .seconds(1) }
        scene.loseName("app.test")
        scene.start()
        #expect(scene.run { $0.standing == .unresolved && $0.reason == "dns: app.test: no such name" })
        #expect(scene.isLocated)
        scene.name("app.test", 1)
        #expect(scene.run { $0.isAlive && $0.address != nil })
        #expect(scene.run { $0.standing == .up })
        #expect(scene.state.transitions[.init(to: .trial, cause: .nameLookup)] == 1)
    }

    @Test func `a name that stands for another address moves the traffic and the probes`() throws {
        let new = try ScriptedPeer(address: "127.0.0.2") { _ in [.send("HTTP/1.1 204 No Content\r\n\r\n")] }
        let scene = try WatchScene("app.test", port: new.port) { $0.interval = .seconds(1) }
        scene.name("app.test", 9)
        scene.start()
        #expect(scene.run { $0.address?.text == "127.0.0.9:\(new.port)" })
        scene.name("app.test", 2)
        #expect(scene.run { $0.address?.text == "127.0.0.2:\(new.port)" && $0.standing == .up })
    }

    @Test func `without probes traffic turns to the next address of a name`() throws {
        let scene = try WatchScene("app.test", port: 9) { $0.interval = .zero }
        scene.name("app.test", 1, 2)
        scene.start()
        #expect(scene.run { $0.address != nil })
        scene.take(.suspected("reset"))
        #expect(scene.state.address?.text == "127.0.0.1:9")
        scene.take(.unreachable("refused"))
        #expect(scene.state.address?.text == "127.0.0.2:9" && scene.state.isAlive)
    }
}
