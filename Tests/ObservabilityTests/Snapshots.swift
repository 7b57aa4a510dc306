@testable import Observability

extension ServerSnapshot {
    /// A server at work: one backend with traffic, one that is down, one nobody has asked for anything.
    static func busy() -> ServerSnapshot {
        var snapshot = ServerSnapshot()
        snapshot.version = "1.2.3"
        snapshot.now = 1_764_037_186.25
        snapshot.started = 1_764_000_000.5
        snapshot.workers = 2
        snapshot.listeners = ["http://127.0.0.1:8000"]
        snapshot.maxClients = 1000
        snapshot.backends = [serving(), lost(), BackendSnapshot(named: "10.0.0.3:80", at: 2)]
        snapshot.clients.open = 7
        snapshot.clients.accepted = 40
        snapshot.clients.received = 5000
        snapshot.clients.sent = 90_000
        snapshot.clients.ends[EndReason.ok.rawValue] = 98
        snapshot.clients.rejected[RejectReason.headTooLarge.rawValue] = 2
        snapshot.clients.noBackend[NoBackendReason.noneAlive.rawValue] = 1
        snapshot.reloads.succeeded = 3
        snapshot.reloads.failed = 1
        snapshot.reloads.lastSuccess = 1_764_030_000
        snapshot.reloads.lastError = "swerve.toml:3: no such key"
        snapshot.droppedLogLines = 4
        snapshot.faults = [("accept", 5)]
        snapshot.process.cpuSeconds = 12.5
        snapshot.process.residentBytes = 8_388_608
        snapshot.process.virtualBytes = 104_857_600
        snapshot.process.openDescriptors = 31
        snapshot.process.maxDescriptors = 1024
        return snapshot
    }

    private static func serving() -> BackendSnapshot {
        var backend = BackendSnapshot(named: "10.0.0.1:80", at: 0)
        backend.age = 60.5
        backend.nextProbe = 3.25
        backend.health.good = 6
        for milliseconds in [1, 1, 2] as [UInt64] { backend.health.duration.record(milliseconds * 1_000_000) }
        backend.traffic.count(.get, .success, 90)
        backend.traffic.count(.get, .serverError, 2)
        backend.traffic.count(.post, .redirection, 8)
        for index in 0..<UInt64(100) { backend.traffic.duration.record(index * 100_000) }
        backend.traffic.connect.record(300_000)
        backend.traffic.header.record(2_000_000_001)
        backend.traffic.inFlight = 3
        backend.traffic.tunnels = 1
        backend.traffic.idleConnections = 4
        backend.traffic.activeConnections = 2
        backend.traffic.opened = 6
        backend.traffic.reused = 94
        backend.traffic.received = 80_000
        backend.traffic.sent = 4000
        backend.traffic.spilled = 5
        backend.traffic.retries[RetryReason.stale.rawValue] = 1
        return backend
    }

    private static func lost() -> BackendSnapshot {
        var backend = BackendSnapshot(named: "app.internal:8080", at: 1)
        backend.state = .down
        backend.reason = "HEAD / answered 404, want 200-399"
        backend.age = 12
        backend.nextProbe = 0.5
        backend.resolved = "10.0.0.9:8080"
        backend.health.bad = 3
        backend.health.transitions = [
            .init(to: .down, reason: .probe): 1, .init(to: .drain, reason: .operator): 2,
        ]
        return backend
    }
}

extension BackendSnapshot {
    init(named name: String, at position: Int?) {
        self.init()
        self.name = name
        self.position = position
    }
}

extension BackendTotals {
    mutating func count(_ method: MethodLabel, _ status: StatusClass, _ number: UInt64) {
        requests[method.rawValue * StatusClass.allCases.count + status.rawValue] += number
    }
}
