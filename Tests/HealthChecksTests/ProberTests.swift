import Configuration
import Events
import LoopSupport
import Observability
import TestSupport
import Testing
import Upstreams

@testable import HealthChecks

/// Every backend of the board is watched, and those of later boards.
@Suite struct ProberTests {
    private let loop: EventLoop

    init() throws { loop = try EventLoop() }

    private static func configuration(_ port: UInt16, host: String = "127.0.0.1") -> BackendConfiguration {
        BackendConfiguration(BackendAddress(host: host, port: port))
    }

    private func prober(
        of board: BackendBoard,
        _ health: HealthConfiguration = HealthConfiguration(),
        report: @escaping (Fault, String) -> Void = { _, _ in },
        backendWentDown: @escaping () -> Void = {}
    ) throws -> Prober {
        try Prober(
            on: loop,
            board: board,
            health: health,
            log: { _ in },
            report: report,
            backendWentDown: backendWentDown
        )
    }

    /// Ends a test: what was closed last is let go of when a turn has ended.
    private func end(_ prober: Prober) {
        prober.stop()
        loop.run(for: .zero)
    }

    @Test func `the start is over when each backend was located, be it in vain`() throws {
        let peer = try Origin.ok()
        let board = BackendBoard([
            Self.configuration(peer.port), Self.configuration(peer.port, host: "nosuch.invalid"),
            Self.configuration(peer.port, host: "localhost"),
        ])
        var faults: [Fault] = []
        let prober = try prober(of: board, report: { fault, _ in faults.append(fault) })
        var locatedCount = 0
        prober.start { locatedCount += 1 }
        #expect(loop.run(until: { locatedCount > 0 && board.backends[0].current.standing == .up }))
        #expect(loop.run(until: { board.backends[2].current.standing == .up }))
        #expect(locatedCount == 1)
        #expect(board.backends[1].current.standing == .unresolved)
        #expect(faults.allSatisfy { $0 == .name } && !faults.isEmpty)
        end(prober)
    }

    @Test func `backends that a reload brings are probed, those it takes out no more`() throws {
        let peers = try (0..<2).map { _ in try Origin.ok() }
        let board = BackendBoard([Self.configuration(peers[0].port)])
        var health = HealthConfiguration()
        health.interval = .milliseconds(20)
        let prober = try prober(of: board, health)
        prober.start {}
        let old = board.backends[0]
        #expect(loop.run(until: { old.current.probes.good >= 2 }))
        let (added, removed) = board.replace([Self.configuration(peers[1].port)])
        prober.follow(health, added: added, removed: removed)
        #expect(loop.run(until: { added[0].current.probes.good >= 2 }))
        let count = old.current.probes.good
        loop.run(for: .milliseconds(200))
        #expect(old.current.probes.good == count)
        end(prober)
    }

    @Test func `other rules hold at once`() throws {
        let peer = try Origin.ok()
        let board = BackendBoard([Self.configuration(peer.port)])
        var health = HealthConfiguration()
        health.expectedStatus = StatusRanges([204...204])
        health.fall = 1
        var downCount = 0
        let prober = try prober(of: board, health, backendWentDown: { downCount += 1 })
        prober.start {}
        let backend = board.backends[0]
        #expect(loop.run(until: { backend.current.standing == .down }))
        #expect(downCount == 1 && backend.current.reason.contains("answered 200, want 204"))
        health.expectedStatus = StatusRanges([200...200])
        health.rise = 1
        prober.follow(health, added: [], removed: [])
        #expect(loop.run(until: { backend.current.standing == .up }))
        // Without probes nothing could bring a backend back, so all of them serve.
        health.expectedStatus = StatusRanges([204...204])
        prober.follow(health, added: [], removed: [])
        #expect(loop.run(until: { backend.current.standing == .down }))
        health.interval = .zero
        prober.follow(health, added: [], removed: [])
        #expect(backend.current.standing == .up)
        end(prober)
    }

    @Test func `what traffic says reaches the backend it is about, until the end`() throws {
        let peers = try (0..<2).map { _ in try Origin.ok() }
        let board = BackendBoard(peers.map { Self.configuration($0.port) })
        var health = HealthConfiguration()
        health.fall = 1
        let prober = try prober(of: board, health)
        prober.start {}
        #expect(loop.run(until: { board.backends.allSatisfy { $0.current.standing == .up } }))
        prober.take(.unreachable("refused"), against: board.backends[1])
        #expect(board.backends.map(\.current.standing) == [.up, .down])
        prober.stop()
        prober.take(.unreachable("refused"), against: board.backends[0])
        #expect(board.backends[0].current.standing == .up)
        end(prober)
    }
}
