import TestSupport
import Testing

/// A stop ends within its limit and a second, whatever clients, backends, reloads, other processes and signals do.
@Suite struct StopLimitTests {
    /// What a slow machine needs on top of what is promised; without the promise kept the process would live on.
    private static let slack = Duration.seconds(4)

    /// Of a protocol that cannot be told goodbye.
    private static let switching =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n"
    private static let upgrade = requestText("GET", "/tunnel", ["Connection: Upgrade", "Upgrade: other"])

    /// Answers `/`, streams `/stream` without end, switches for `/tunnel`, and is mute for everything else.
    private static func origin() throws -> ScriptedPeer {
        try ScriptedPeer(trigger: .head) { request in
            switch request.target {
            case "/": [.send(answerText("ok"))]
            case "/tunnel": [.send(switching), .stall]
            case "/half": [.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf"), .stall]
            default: [.stall]
            }
        }
    }

    /// All places are taken by clients that were served and then rested, which are closed at once; each of them makes
    /// room and rings the worker in the middle of its stop.
    @Test(arguments: ["1", "2"]) func `a full house stops at once`(_ workers: String) throws {
        let origin = try Origin.ok()
        let balancer = try Balancer(
            backends: [origin.endpoint],
            flags: ["--workers", workers, "--max-connections", "2", "--drain-timeout", "60s"]
        )
        let clients = try (0..<2).map { _ in try RawClient(to: balancer.port) }
        for client in clients { #expect(try client.exchange(plainRequest).status == 200) }
        // So long that no request can be on its way any more.
        pass(.milliseconds(1300))
        #expect(balancer.stop(.terminate) == .code(0))
        for client in clients { #expect(client.waitForClose() == .closed) }
    }

    @Test(arguments: ["1", "2"]) func `a client at work in a full house is cut at the limit`(
        _ workers: String
    ) throws {
        let origin = try Self.origin()
        let balancer = try Balancer(
            backends: [origin.endpoint],
            flags: ["--workers", workers, "--max-connections", "2", "--drain-timeout", "1s"]
        )
        let (busy, resting) = (try RawClient(to: balancer.port), try RawClient(to: balancer.port))
        try busy.send(requestText("GET", "/mute"))
        #expect(origin.waitForRequests(1))
        #expect(try resting.exchange(plainRequest).status == 200)
        pass(.milliseconds(1300))
        let (status, took) = timed { balancer.stop(.terminate) }
        #expect(status == .code(2))
        #expect(took > .milliseconds(900) && took < .seconds(2) + Self.slack, "\(took)")
    }

    /// One of the things that happen around a stop.
    enum Trouble: CaseIterable {
        case none, secondSignal, thirdSignal, reload, takeOver, frozenBackend, all
    }

    @Test(arguments: ["1", "2"], Trouble.allCases)
    func `nothing keeps the process from ending`(_ workers: String, _ trouble: Trouble) throws {
        let origin = try Self.origin()
        // As a stopped process: the system accepts for it, and nothing is ever answered.
        let frozen = trouble == .frozenBackend || trouble == .all ? try Self.origin() : nil
        frozen?.welcome(.ignore)
        let folder = try TemporaryFolder()
        let backends = ([origin.endpoint] + (frozen.map { [$0.endpoint] } ?? [])).map { "'\($0)'" }
        let text = "backend = [\(backends.joined(separator: ", "))]\n"
        let path = try folder.write(text, to: "swerve.toml")
        let shared = ["--reuse-port", "on", "--workers", workers, "--config", path]
        let balancer = try Balancer(
            backends: [],
            flags: shared + ["--listen", "127.0.0.1:0", "--max-connections", "24", "--drain-timeout", "2s"],
            output: .unread
        )
        let clients = try Self.fill(balancer.port, of: origin)
        var successor: Balancer?
        if trouble == .takeOver || trouble == .all {
            successor = try Balancer(
                backends: [],
                flags: shared + ["--listen", "127.0.0.1:\(balancer.port)"]
            )
        }
        let start = ContinuousClock.now
        if trouble == .reload || trouble == .all {
            try folder.write("backend = ['\(origin.endpoint)']\nhealth-rise = 3\n", to: "swerve.toml")
            for _ in 0..<5 { balancer.process.signal(.hangUp) }
        }
        balancer.process.signal(.terminate)
        if trouble == .reload || trouble == .all {
            for _ in 0..<5 { balancer.process.signal(.hangUp) }
        }
        if trouble == .secondSignal || trouble == .all {
            pass(.milliseconds(300))
            balancer.process.signal(.interrupt)
        }
        if trouble == .thirdSignal {
            for _ in 0..<2 {
                pass(.milliseconds(50))
                balancer.process.signal(.terminate)
            }
        }
        let ending = balancer.process.waitForExit(within: .seconds(3) + Self.slack)
        let took = ContinuousClock.now - start
        #expect(ending == .code(2), "after \(took); it said: \(balancer.process.errors.text)")
        if successor != nil { #expect(try RawClient(to: balancer.port).exchange(plainRequest).status == 200) }
        for client in clients { client.close() }
    }

    /// Takes all places: clients at rest, requests without an answer, half of a request, half of an answer, tunnels,
    /// and two that wait for a place.
    private static func fill(_ port: UInt16, of origin: ScriptedPeer) throws -> [RawClient] {
        let source = (0..<64).lazy.map { "127.0.1.\($0 + 1)" }
        var clients: [RawClient] = []
        for (number, address) in source.prefix(24).enumerated() {
            let client = try RawClient(to: port, from: address)
            clients.append(client)
            switch number % 6 {
            case 0: _ = client.readOutcomeAfter(plainRequest)
            case 1: try client.send(requestText("GET", "/mute"))
            case 2: try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Le")
            case 3: try client.send(requestText("POST", "/mute", ["Content-Length: 100"], body: "half"))
            case 4: try client.send(requestText("GET", "/half"))
            default: try client.send(upgrade)
            }
        }
        #expect(origin.waitForRequests(8))
        for _ in 0..<2 { clients.append(try RawClient(to: port)) }
        return clients
    }
}

extension RawClient {
    /// Sends a request and waits a moment for its answer, which may never come.
    fileprivate func readOutcomeAfter(_ request: String) -> Outcome {
        try? send(request)
        return readOutcome(within: .milliseconds(300))
    }
}
