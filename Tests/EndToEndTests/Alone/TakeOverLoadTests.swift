import TestSupport
import Testing

/// Processes take over from each other under load, and no client loses a request.
///
/// A request is lost when the client gets another answer than the whole and right one. There are two cases in which a
/// connection may end instead, and only these:
/// - The answer before said `Connection: close`. A client that has sent requests ahead sends those again elsewhere.
/// - The connection may have rested for a second or more, which is what a balancer that stops promises to wait. The
///   client takes the time from its last request, or its connecting, to the moment in which it sees the end; the
///   balancer's view of the rest is shorter.
@Suite(.serialized) struct TakeOverLoadTests {
    @Test func `kept and fresh clients, uploads and pipelines lose nothing when processes change`() throws {
        let origin = try Self.slowOrigin()
        let total = Sanitizer.current == nil ? 20_000 : 2_000
        let takeOvers = 6
        func start(_ port: UInt16) throws -> Balancer {
            let flags = ["--listen", "127.0.0.1:\(port)", "--reuse-port", "on", "--access-log", "off"]
            return try Balancer(backends: [origin.endpoint], flags: flags)
        }
        var present = try start(0)
        let port = present.port
        let tally = Monitor(LoadTally())
        let isOver = Gate()
        let clients = LoadClient.Kind.allCases.flatMap { kind in
            (0..<4).map { LoadClient(kind: kind, number: $0, port: port) }
        }
        let finished = Monitor(0)
        for client in clients {
            onNewThread {
                client.run(until: isOver, tally)
                finished.access { $0 += 1 }
            }
        }
        defer { isOver.open() }
        /// Waits until so many requests more were answered.
        func waitForRequests(_ count: Int) -> Bool {
            let aim = tally.read { $0.served } + count
            return tally.wait(until: .after(.seconds(300))) { $0.served >= aim ? true : nil } ?? false
        }
        for _ in 0..<takeOvers {
            #expect(waitForRequests(total / (takeOvers + 1)))
            let next = try start(port)
            #expect(present.stop(within: .seconds(60)) == .code(0))
            #expect(present.logLines("another process takes over the port").count == 1)
            present = next
        }
        #expect(waitForRequests(total / (takeOvers + 1) + takeOvers + 1))
        isOver.open()
        #expect(finished.wait(until: .after(.seconds(60))) { $0 == clients.count ? true : nil } == true)
        let result = tally.read { $0 }
        #expect(result.served >= total)
        let sample = result.lost.prefix(20).joined(separator: "\n")
        #expect(result.lost.isEmpty, "lost \(result.lost.count) of \(result.served): \(sample)")
        for kind in LoadClient.Kind.allCases { #expect(result.servedByKind[kind, default: 0] > total / 40) }
    }

    /// An origin whose answers come in two parts with a pause between them, and say what was asked and how much came.
    private static func slowOrigin() throws -> ScriptedPeer {
        try ScriptedPeer { request in
            let body = LoadClient.answer(to: request.target, of: request.body.count)
            let half = body.count / 2
            return [
                .send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body.prefix(half))"),
                .run { _ in pass(.milliseconds(3)) },
                .send(String(body.dropFirst(half))),
            ]
        }
    }
}

/// What the clients of a load have seen.
private struct LoadTally {
    /// How many requests were answered as they should be.
    var served = 0
    /// The same for each kind of client.
    var servedByKind: [LoadClient.Kind: Int] = [:]
    /// What became of each request that was lost.
    var lost: [String] = []
}

/// A client that asks every few milliseconds.
private struct LoadClient {
    /// How a client asks.
    enum Kind: CaseIterable, Hashable {
        /// Request after request on a connection that it keeps.
        case kept
        /// Each request on a connection of its own.
        case fresh
        /// Bodies in two parts on a connection that it keeps.
        case uploading
        /// Three requests at once on a connection that it keeps.
        case pipelining
    }

    /// An answer that is not what was asked for.
    private struct WrongAnswer: Error {
        let response: Response
    }

    /// How long a balancer that stops waits for the request of a client that was served or let in just now.
    private static let promisedRest = Duration.seconds(1)
    private static let upload = String(repeating: "x", count: 3000)

    let kind: Kind
    let number: Int
    let port: UInt16

    /// What an origin answers.
    static func answer(to target: String, of count: Int) -> String { "\(target), \(count) bytes" }

    /// Asks until the gate opens.
    func run(until isOver: Gate, _ tally: Monitor<LoadTally>) {
        var client: RawClient?
        var round = 0
        // Not later than the beginning of the connection's rest as the balancer sees it.
        var restStart = ContinuousClock.now
        while !isOver.isOpen {
            round += 1
            let targets = (0..<(kind == .pipelining ? 3 : 1)).map { "/\(kind)/\(number)/\(round)/\($0)" }
            let start = ContinuousClock.now
            var answered = 0
            do {
                if client == nil { restStart = start }
                let connection = try client ?? RawClient(to: port)
                let isKept = try exchange(targets, on: connection) {
                    answered += 1
                    tally.access {
                        $0.served += 1
                        $0.servedByKind[kind, default: 0] += 1
                    }
                }
                client = isKept ? connection : nil
                restStart = start
            } catch {
                client = nil
                let rest = ContinuousClock.now - restStart
                if Self.endsAtRest(error), answered == 0, rest >= Self.promisedRest { continue }
                let loss = "\(targets[answered]), \(rest) after the one before: \(error)"
                tally.access { $0.lost.append(loss) }
            }
            pass(.milliseconds(round % 4))
        }
    }

    /// Sends requests and reads their answers, up to one that says that it is the last.
    ///
    /// - Returns: whether the connection is to be used again.
    private func exchange(_ targets: [String], on connection: RawClient, served: () -> Void) throws -> Bool {
        var expectedCount = 0
        switch kind {
        case .kept, .fresh: try connection.send(requestText("GET", targets[0]))
        case .pipelining: try connection.send(targets.map { requestText("GET", $0) }.joined())
        case .uploading:
            let half = Self.upload.prefix(1000)
            expectedCount = Self.upload.utf8.count
            let length = "Content-Length: \(expectedCount)"
            try connection.send(requestText("POST", targets[0], [length], body: String(half)))
            pass(.milliseconds(2))
            try connection.send(String(Self.upload.dropFirst(half.count)))
        }
        for target in targets {
            let response = try connection.readResponse(within: .seconds(60))
            guard response.status == 200, response.text == Self.answer(to: target, of: expectedCount) else {
                throw WrongAnswer(response: response)
            }
            served()
            if response.announcesClose { return false }
        }
        return kind != .fresh
    }

    /// Whether this is the end of a connection on which nothing of an answer came.
    private static func endsAtRest(_ error: any Error) -> Bool {
        switch error {
        case let error as NoResponse:
            switch error.outcome {
            case .closed: true
            case .reset(let response): response.status == 0
            case .complete, .truncated, .timedOut, .malformed: false
            }
        case let error as SocketError: error.isPeerGone && error.operation != "connect"
        default: false
        }
    }
}
