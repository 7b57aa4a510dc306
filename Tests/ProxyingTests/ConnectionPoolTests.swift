import Balancing
import Configuration
import Observability
import TestSupport
import Testing
import Upstreams

@testable import Events
@testable import Proxying

/// Connections at rest, on a loop of the test's own.
@Suite struct ConnectionPoolTests {
    /// A worker in front of one origin, and a pool beside the worker's own.
    private final class Bench {
        let loop: EventLoop
        let proxy: Proxy
        let pool: ConnectionPool
        let backend: WorkerBackend
        let origin: SilentOrigin

        init(trimInterval: Duration = .seconds(60), capacity: Int = 1024) throws {
            origin = try SilentOrigin()
            loop = try EventLoop()
            let port = try #require(origin.endpoint.split(separator: ":").last.flatMap { UInt16($0) })
            let configuration = ServerConfiguration(backends: [BackendAddress(host: "127.0.0.1", port: port)])
            proxy = Proxy(
                on: loop,
                configuration: configuration,
                board: BackendBoard(configuration.backends.map { BackendConfiguration($0) }),
                account: DescriptorAccount(limit: 1000) {},
                report: { _ in },
                clientLeft: {}
            )
            pool = ConnectionPool(
                proxy.view,
                on: loop,
                capacity: capacity,
                trimInterval: trimInterval
            )
            backend = proxy.view.members[0]
        }

        deinit {
            // What was closed last is let go of when a turn has ended.
            let timer = Timer(on: loop) { [loop] in loop.stop() }
            timer.start(after: .zero)
            loop.run()
        }

        /// Runs the loop until `isTrue`, but not for ever.
        func run(until isTrue: @escaping () -> Bool) -> Bool {
            let deadline = Deadline.after()
            while !isTrue(), !deadline.hasPassed {
                let timer = Timer(on: loop) { [loop] in loop.stop() }
                timer.start(after: .milliseconds(5))
                loop.run()
            }
            return isTrue()
        }

        /// Makes connections that serve nobody.
        func connections(_ count: Int) throws -> [UpstreamConnection] {
            let address = try #require(backend.address)
            let made = try (0..<count).map { _ in
                let connection = UpstreamConnection(to: backend, for: Exchange(proxy), proxy: proxy)
                connection.release()
                try connection.open(to: address, within: .seconds(10))
                return connection
            }
            #expect(run { self.backend.backend.traffic.opened >= UInt64(count) })
            return made
        }
    }

    @Test func `the connection used last is used next`() throws {
        let bench = try Bench()
        let made = try bench.connections(3)
        for connection in made { bench.pool.put(connection, backendLimit: nil) }
        #expect(bench.pool.count == 3)
        for expected in made.reversed() { #expect(bench.pool.take(bench.backend) === expected) }
        #expect(bench.pool.take(bench.backend) == nil && bench.pool.count == 0)
        for connection in made { connection.close() }
    }

    @Test func `half of what a burst left is closed each time`() throws {
        let bench = try Bench(trimInterval: .milliseconds(50))
        let made = try bench.connections(16)
        for connection in made { bench.pool.put(connection, backendLimit: nil) }
        // The first look only begins to watch what is not needed; the last connection stays for its own limit.
        #expect(bench.run { bench.pool.count == 1 })
        #expect(made.last?.isOpen == true && made.dropLast().allSatisfy { !$0.isOpen })
        bench.pool.closeAll()
        #expect(made.last?.isOpen == false && bench.pool.count == 0)
    }

    @Test func `what is needed between two looks stays`() throws {
        let bench = try Bench()
        let made = try bench.connections(4)
        var idle = IdleConnections()
        for connection in made { idle.put(connection) }
        #expect(idle.unneeded == 0)
        idle.beginWatch()
        #expect(idle.unneeded == 4)
        let needed = [idle.takeLast(), idle.takeLast()].compactMap { $0 }
        for connection in needed.reversed() { idle.put(connection) }
        #expect(idle.count == 4 && idle.unneeded == 2)
        let oldest = idle.takeOldest(1)
        #expect(oldest.first === made[0] && idle.unneeded == 2)
        let isThere = [idle.remove(needed[1]), idle.remove(needed[1])]
        #expect(isThere == [true, false] && idle.count == 2)
        for connection in made { connection.close() }
    }

    @Test func `more than fit and what the backend will not wait for are closed`() throws {
        let bench = try Bench(capacity: 1)
        let made = try bench.connections(3)
        bench.pool.put(made[0], backendLimit: .milliseconds(400))
        #expect(!made[0].isOpen)
        bench.pool.put(made[1], backendLimit: .seconds(5))
        bench.pool.put(made[2], backendLimit: nil)
        #expect(made[1].isOpen && !made[2].isOpen && bench.pool.count == 1)
        bench.pool.closeOne()
        #expect(!made[1].isOpen && bench.pool.count == 0)
        #expect(bench.backend.backend.traffic.idleConnections == 0)
        #expect(bench.backend.backend.traffic.activeConnections == 0)
    }

    @Test func `a backend that is not probed is passed over for twice as long each time`() throws {
        let bench = try Bench()
        func time(_ seconds: Double) -> LoopTime { LoopTime(nanoseconds: UInt64(seconds * 1e9)) }
        var now = 1000.0
        for length in [1.0, 2, 4, 8, 16, 30, 30] {
            bench.backend.passOver(at: time(now))
            #expect(bench.backend.pauseEnd == time(now + length))
            // What fails in the meantime changes nothing.
            bench.backend.passOver(at: time(now + length / 2))
            #expect(bench.backend.pauseEnd == time(now + length))
            now += length
        }
        bench.backend.connectSucceeded()
        bench.backend.passOver(at: time(now))
        #expect(bench.backend.pauseEnd == time(now + 1))
    }

    @Test func `exchanges come and go in any order`() throws {
        let bench = try Bench()
        let exchanges = (0..<5).map { _ in Exchange(bench.proxy) }
        var list = ExchangeList()
        for exchange in exchanges { list.add(exchange) }
        for index in [1, 4, 0] { list.remove(exchanges[index]) }
        #expect(
            Set(list.all.map(ObjectIdentifier.init))
                == Set([exchanges[2], exchanges[3]].map(ObjectIdentifier.init))
        )
        for (place, exchange) in list.all.enumerated() { #expect(exchange.place == place) }
        list.remove(exchanges[3])
        list.remove(exchanges[2])
        #expect(list.isEmpty)
    }
}
