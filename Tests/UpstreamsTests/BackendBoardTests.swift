import Balancing
import Configuration
import Events
import Observability
import Testing

@testable import Upstreams

/// What workers copy, and when.
@Suite struct BackendBoardTests {
    private static func configuration(_ port: UInt16, host: String = "192.0.2.1") -> BackendConfiguration {
        BackendConfiguration(BackendAddress(host: host, port: port))
    }

    private let now = LoopTime(nanoseconds: 1_000_000_000)

    @Test func `backends are taken for alive, those with a name when it has an address`() {
        let board = BackendBoard([Self.configuration(1), Self.configuration(2, host: "app.internal")])
        let reading = board.read()
        #expect(reading.order.map(\.name) == ["192.0.2.1:1", "app.internal:2"])
        #expect(reading.alive.contains(0) && !reading.alive.contains(1))
        #expect(reading.addresses[0]?.text == "192.0.2.1:1" && reading.addresses[1] == nil)
        let address = SocketAddress(ip: .v4([192, 0, 2, 9]), port: 2)
        board.change(reading.order[1]) { $0.address = address }
        #expect(board.read().alive.contains(1) && board.read().addresses[1] == address)
    }

    @Test func `each change has a version, and only another order another generation`() {
        let board = BackendBoard([Self.configuration(1), Self.configuration(2)])
        let first = board.read()
        #expect(board.version == first.version)
        board.change(first.order[0]) { $0.found(.down, reason: "refused", cause: .probe, at: now) }
        let second = board.read()
        #expect(second.version > first.version && second.generation == first.generation)
        #expect(board.version == second.version)
        #expect(!second.alive.contains(0) && second.alive.contains(1))
        _ = board.replace([Self.configuration(2), Self.configuration(1)])
        let third = board.read()
        #expect(third.version > second.version && third.generation > second.generation)
        #expect(third.alive.contains(0) && !third.alive.contains(1))
        // What no worker has to hear of moves nothing on.
        third.order[0].update { $0.nextProbe = now }
        #expect(board.version == third.version)
    }

    @Test func `the same backends anew change nothing`() {
        let board = BackendBoard([Self.configuration(1), Self.configuration(2)])
        let before = board.read()
        let (added, removed) = board.replace([Self.configuration(1), Self.configuration(2)])
        #expect(added.isEmpty && removed.isEmpty && board.version == before.version)
    }

    @Test func `backends that stay keep what is known, the others come and go`() {
        let board = BackendBoard([Self.configuration(1), Self.configuration(2)])
        let old = board.backends
        board.change(old[1]) { $0.found(.down, reason: "refused", cause: .traffic, at: now) }
        let (added, removed) = board.replace([Self.configuration(3), Self.configuration(2)])
        let order = board.backends
        #expect(order[1] === old[1] && order[1].current.health == .down)
        #expect(added.map(\.name) == ["192.0.2.1:3"] && removed.map(\.name) == ["192.0.2.1:1"])
        #expect(order[0] === added[0] && removed[0] === old[0])
        #expect(board.read().alive.contains(0) && !board.read().alive.contains(1))
    }

    @Test func `another weight leaves a backend what it is, another name does not`() {
        var wanted = Self.configuration(1)
        let board = BackendBoard([wanted])
        let backend = board.backends[0]
        wanted.weight = 3
        let weighed = board.replace([wanted])
        #expect(weighed.added.isEmpty && weighed.removed.isEmpty && board.backends[0] === backend)
        #expect(backend.configuration.weight == 3)
        wanted.name = "blue"
        let renamed = board.replace([wanted])
        #expect(renamed.added.map(\.name) == ["blue"] && renamed.removed.map(\.name) == ["192.0.2.1:1"])
    }

    @Test(arguments: [BackendState.Duty.drain, .maintenance])
    func `the operator's wish goes before health, and health is kept`(_ duty: BackendState.Duty) {
        let board = BackendBoard([Self.configuration(1)])
        let backend = board.backends[0]
        board.change(backend) { $0.found(.up, cause: .probe, at: now) }
        board.change(backend) { $0.assign(duty, at: now) }
        #expect(board.read().duties == [duty] && board.read().alive.isEmpty)
        #expect(board.reasons() == "192.0.2.1:1 (\(duty))")
        board.change(backend) { $0.found(.down, reason: "refused", cause: .probe, at: now) }
        #expect(backend.current.standing == (duty == .drain ? .drain : .maintenance))
        board.change(backend) { $0.assign(.serving, at: now) }
        #expect(backend.current.standing == .down && board.reasons() == "192.0.2.1:1 (refused)")
    }

    @Test func `changes are counted by what began and why, and date from then`() {
        let board = BackendBoard([Self.configuration(1)])
        let backend = board.backends[0]
        let later = LoopTime(nanoseconds: now.nanoseconds + 5)
        board.change(backend) { $0.found(.up, cause: .probe, at: now) }
        board.change(backend) { $0.found(.up, cause: .probe, at: later) }
        #expect(backend.current.since == now)
        board.change(backend) { $0.found(.down, reason: "a", cause: .traffic, at: later) }
        board.change(backend) { $0.found(.unresolved, reason: "b", cause: .nameLookup, at: later) }
        board.change(backend) { $0.assign(.drain, at: later) }
        // Out of sight of the balancer, and so not counted.
        board.change(backend) { $0.found(.up, cause: .probe, at: later) }
        let expected: [BackendState.Transition: UInt64] = [
            .init(to: .up, cause: .probe): 1, .init(to: .down, cause: .traffic): 1,
            .init(to: .unresolved, cause: .nameLookup): 1, .init(to: .drain, cause: .operator): 1,
        ]
        #expect(backend.current.transitions == expected && backend.current.since == later)
    }

    @Test func `traffic is counted over all workers`() {
        let backend = Backend(Self.configuration(1))
        for _ in 0..<3 { backend.makeCounters().attemptBegan(isSpilled: false) }
        #expect(backend.traffic.inFlight == 3)
    }
}
