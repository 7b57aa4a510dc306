import TestSupport
import Testing

/// A balancer in front of one origin, on which the rows of the table appear one after the other.
///
/// They share the connections between the two, so a row that leaves anything behind spoils the next exchange.
final class Stage: Sendable {
    /// The stage of the suite that is running.
    @TaskLocal static var current: Stage?

    private let origin: ScriptedPeer
    private let balancer: Balancer

    init() throws {
        origin = try Origin.ok()
        balancer = try Balancer(
            backends: [origin.endpoint],
            // One worker, so that the connection to the origin is the same for everybody.
            flags: ["--workers", "1", "--access-log", "off"]
        )
    }

    /// Ends the balancer, which must have outlived everything.
    func end() {
        if let status = balancer.process.exitStatus {
            Issue.record("the balancer ended with \(status); it logged: \(balancer.process.errors.text)")
        }
        balancer.kill()
    }

    /// Sends a row's bytes, in one segment or each in its own, and looks at what everybody gets.
    func play(_ row: RequestRow, byteByByte: Bool) throws {
        let mark = Mark(origin)
        let client = try RawClient(to: balancer.port)
        if byteByByte {
            // A balancer that has refused the beginning need not take the end.
            try? client.send(row.bytes, splitAt: Array(1..<row.bytes.count))
        } else {
            try client.send(row.bytes)
        }
        try readAnswers(to: row, client)
        var expected = row.seen
        if row.isKept {
            try #expect(client.exchange(requestText("GET", "/same", ["Connection: close"])).status == 200)
            expected.append(SeenRequest("GET /same"))
        }
        #expect(client.waitForClose() == .closed, "nothing may follow the last answer")
        client.close()
        #expect(try balancer.get("/after").status == 200)
        expected.append(SeenRequest("GET /after"))
        if byteByByte || row.brokenOff != nil {
            compareRequests(since: mark, with: expected)
            if let head = row.brokenOff { expectBeginning(of: head, since: mark) }
        } else {
            compareBytes(since: mark, with: expected)
        }
    }

    private func readAnswers(to row: RequestRow, _ client: RawClient) throws {
        let isHead = row.bytes.starts(with: Array("HEAD ".utf8))
        for (index, status) in row.statuses.enumerated() {
            let isForwarded = index < row.seen.count
            let method = isForwarded ? row.seen[index].method : isHead ? "HEAD" : "GET"
            let response = try client.readResponse(to: method)
            // What follows would only wait for what does not come.
            try #require(response.status == status)
            guard status >= 400 else { continue }
            #expect(response.values("Connection") == ["close"])
            #expect(response["Content-Type"]?.hasPrefix("text/plain") == true)
            #expect(response.body.isEmpty == isHead && response.body.count < 1024)
        }
    }

    // MARK: What the origin saw

    /// How much an origin had seen at a moment.
    private struct Mark {
        let requests: Int
        let bytes: [Int]

        init(_ origin: ScriptedPeer) {
            requests = origin.requests.count
            bytes = origin.connections.map(\.byteCount)
        }
    }

    /// What came on each connection since then.
    private func bytes(since mark: Mark) -> [(connection: Int, bytes: [UInt8])] {
        origin.connections.map { connection in
            let known = connection.number <= mark.bytes.count ? mark.bytes[connection.number - 1] : 0
            return (connection.number, Array(connection.bytes.dropFirst(known)))
        }
    }

    private func resolved(_ text: String) -> String {
        printable(wire(text.replacing(SeenRequest.localAuthority, with: "127.0.0.1:\(balancer.port)")))
    }

    /// What came, with the ids that the balancer made replaced.
    private func normalised(_ bytes: [UInt8]) -> String {
        printable(bytes).replacing(
            /X-Request-Id: [0-9a-f]{32}\\r\\n/,
            with: "X-Request-Id: \(SeenRequest.madeID)\\r\\n"
        )
    }

    /// Every byte that reached the origin, on whatever connection, is one of these requests.
    private func compareBytes(since mark: Mark, with expected: [SeenRequest]) {
        let seen = normalised(bytes(since: mark).flatMap(\.bytes))
        let wanted = expected.map { resolved($0.head) + resolved($0.wireBody) }.joined()
        #expect(seen == wanted)
        #expect(origin.requests.count - mark.requests == expected.count)
    }

    /// The requests are these, whatever the chunks that their bodies came in.
    private func compareRequests(since mark: Mark, with expected: [SeenRequest]) {
        let seen = origin.requests.dropFirst(mark.requests)
        #expect(seen.count == expected.count)
        for (request, wanted) in zip(seen, expected) {
            #expect(normalised(request.head) == resolved(wanted.head))
            #expect(printable(request.body) == printable(wire(wanted.body)))
            let trailers = wanted.trailers.map { String(decoding: wire($0), as: UTF8.self) }
            #expect(request.trailers.map { "\($0)" } == trailers)
        }
    }

    /// What is there of a request that was broken off is a beginning of this one and on a connection of its own.
    private func expectBeginning(of request: SeenRequest, since mark: Mark) {
        let last = origin.requests.last?.connection
        let after = resolved(SeenRequest("GET /after").head)
        for (connection, bytes) in bytes(since: mark) where !bytes.isEmpty {
            if connection == last {
                #expect(normalised(bytes) == after)
            } else {
                let (seen, head) = (normalised(bytes), resolved(request.head))
                #expect(seen.hasPrefix(head) || head.hasPrefix(seen))
            }
        }
    }
}

/// Gives a suite a stage of its own.
struct OnStage: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let stage = try Stage()
        try await Stage.$current.withValue(stage) { try await function() }
        stage.end()
    }
}
