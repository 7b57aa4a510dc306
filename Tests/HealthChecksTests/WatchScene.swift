import Configuration
import Discovery
import Events
import LoopSupport
import TestSupport
import Upstreams

@testable import HealthChecks

/// A watch over one backend, with everything it tells.
final class WatchScene {
    /// What the tests' name server answers; `nil` has look-ups hang.
    typealias Names = Monitor<[String: HostLookup.Answer?]>

    let loop: EventLoop
    let board: BackendBoard
    let names = Names([:])
    private(set) var watch: BackendWatch?
    private(set) var lines: [String] = []
    private(set) var downCount = 0
    private(set) var isLocated = false
    private var resolver: NameResolver?

    var backend: Backend { board.backends[0] }
    var state: BackendState { backend.current }

    deinit {
        watch?.stop()
        watch = nil
        // What was closed last is let go of when a turn has ended.
        let timer = Timer(on: loop) { [loop] in loop.stop() }
        timer.start(after: .zero)
        loop.run()
    }

    /// Waits until the last good probe is so old that a request that waits in vain says something again.
    func letProbeAge() { loop.run(for: .milliseconds(350)) }

    /// A watch that probes when it is told to, and fails fast.
    init(_ host: String = "127.0.0.1", port: UInt16, _ change: (inout HealthConfiguration) -> Void = { _ in })
        throws
    {
        loop = try EventLoop()
        board = BackendBoard([BackendConfiguration(BackendAddress(host: host, port: port))])
        var health = HealthConfiguration()
        health.interval = .seconds(3600)
        health.timeout = .milliseconds(300)
        change(&health)
        let names = names
        let isNamed = !board.backends[0].address.isLiteral
        if isNamed {
            resolver = try NameResolver(on: loop) { host in
                names.wait(until: .after(.seconds(60))) { $0[host] ?? nil } ?? .failed("held for too long")
            }
        }
        watch = BackendWatch(
            board.backends[0],
            in: BackendWatch.Surroundings(
                loop: loop,
                board: board,
                log: { [unowned self] in lines.append($0) },
                report: { _, _ in },
                backendWentDown: { [unowned self] in downCount += 1 }
            ),
            health: health,
            resolver: resolver
        )
    }

    /// Has a name stand for the last numbers of addresses of the loopback.
    func name(_ host: String, _ last: UInt8...) {
        names.access { $0[host] = .found(last.map { .v4([127, 0, 0, $0]) }) }
    }

    /// Has look-ups of a name fail.
    func loseName(_ host: String) {
        names.access { $0[host] = .failed("no such name") }
    }

    func start() { watch?.start { [unowned self] in isLocated = true } }

    func take(_ evidence: TrafficEvidence) { watch?.take(evidence) }

    func assign(_ duty: BackendState.Duty) {
        let now = loop.now
        board.change(backend) { $0.assign(duty, at: now) }
        watch?.dutyChanged()
    }

    /// Runs until the backend is `wanted`.
    func run(until wanted: @escaping (BackendState) -> Bool) -> Bool {
        loop.run { [unowned self] in wanted(state) }
    }
}
