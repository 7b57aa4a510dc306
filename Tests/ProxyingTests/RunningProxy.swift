import Configuration
import Events
import Observability
import Proxying
import TestSupport
import Upstreams

/// A worker on a thread of its own that serves until the process ends, with its counters in sight.
struct RunningProxy {
    private let board: BackendBoard
    private let counters: WorkerCounters
    let port: UInt16

    private struct Started: Sendable {
        let counters: WorkerCounters
        let port: UInt16
    }

    struct NotStarted: Error {}

    /// Starts a worker in front of `ports` of this machine.
    init(_ ports: [UInt16], _ change: (inout ServerConfiguration) -> Void = { _ in }) throws {
        var configuration = ServerConfiguration(
            backends: ports.map { BackendAddress(host: "127.0.0.1", port: $0) }
        )
        configuration.accessLog = .off
        change(&configuration)
        let board = BackendBoard(configuration.backends.map { BackendConfiguration($0) })
        let started = Monitor<Started?>(nil)
        onNewThread { [configuration] in
            guard let loop = try? EventLoop() else { return }
            let worker = Proxy(
                on: loop,
                configuration: configuration,
                board: board,
                account: DescriptorAccount(limit: 1000) {},
                report: { _ in },
                clientLeft: {}
            )
            let address = SocketAddress(ip: .v4([127, 0, 0, 1]), port: 0)
            guard let socket = try? BoundSocket(address, isDualStack: false, sharesPort: false),
                let listener = try? HTTPListener(
                    socket,
                    on: loop,
                    room: { 100 },
                    admit: { true },
                    acceptFailed: { _ in },
                    makeConnection: { worker.makeClient($0) }
                )
            else { return }
            started.access { $0 = Started(counters: worker.counters, port: listener.address.port) }
            withExtendedLifetime(listener) { loop.run() }
        }
        guard let started = started.wait(until: .after(Deadline.patience), for: { $0 }) else {
            throw NotStarted()
        }
        self.board = board
        counters = started.counters
        port = started.port
    }

    /// What is counted about the clients.
    var clients: ClientTotals {
        var totals = ClientTotals()
        counters.add(to: &totals)
        return totals
    }

    /// What is counted about the traffic with a backend.
    func backend(_ position: Int = 0) -> BackendTotals { board.backends[position].traffic }
}
