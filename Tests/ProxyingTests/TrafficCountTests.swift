import Configuration
import Observability
import TestSupport
import Testing

/// Real requests, whatever becomes of them, and the sum of what is counted.
@Suite struct TrafficCountTests {
    private static let get = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"
    private static let answer = "HTTP/1.1 200 OK\r\nDate: d\r\nContent-Length: 2\r\n\r\nok"

    private func count(_ totals: BackendTotals, _ method: MethodLabel, _ status: StatusClass) -> UInt64 {
        totals.requests[method.rawValue * StatusClass.allCases.count + status.rawValue]
    }

    /// Waits until nothing goes on any more and one request has ended for `reason`.
    private func expectRest(
        _ proxy: RunningProxy,
        _ reason: EndReason,
        _ sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let isAtRest = eventually {
            let totals = proxy.backend()
            return proxy.clients.ends[reason.rawValue] == 1 && totals.inFlight == 0 && totals.tunnels == 0
                && totals.activeConnections == 0
        }
        #expect(
            isAtRest && proxy.clients.ends.reduce(0, +) == 1,
            "\(proxy.clients) \(proxy.backend())",
            sourceLocation: sourceLocation
        )
    }

    @Test func `every byte and every connection is counted`() throws {
        let origin = try ScriptedPeer { _ in [.send(Self.answer)] }
        let proxy = try RunningProxy([origin.port])
        let client = try RawClient(to: proxy.port)
        var sent = 0
        for _ in 0..<3 {
            let response = try client.exchange(Self.get)
            sent += response.head.count + response.body.count
        }
        #expect(eventually { proxy.backend().idleConnections == 1 })
        let totals = proxy.backend()
        #expect(count(totals, .get, .success) == 3 && totals.requests.reduce(0, +) == 3)
        #expect(totals.opened == 1 && totals.reused == 2 && totals.activeConnections == 0)
        #expect(totals.duration.count == 3 && totals.header.count == 3 && totals.connect.count == 1)
        #expect(totals.received == 3 * UInt64(Self.answer.utf8.count))
        #expect(totals.inFlight == 0 && totals.spilled == 0 && totals.retries.reduce(0, +) == 0)
        let clients = proxy.clients
        #expect(clients.received == 3 * UInt64(Self.get.utf8.count) && clients.sent == UInt64(sent))
        #expect(clients.open == 1 && clients.accepted == 1 && clients.ends[EndReason.ok.rawValue] == 3)
        #expect(clients.rejected.reduce(0, +) == 0 && clients.noBackend.reduce(0, +) == 0)
        client.close()
        #expect(eventually { proxy.clients.open == 0 })
        origin.stop()
        #expect(eventually { proxy.backend().idleConnections == 0 })
        #expect(proxy.backend().activeConnections == 0)
    }

    /// How one exchange with one backend ends.
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var script: PeerScript
        var request = TrafficCountTests.get
        var end: EndReason
        var status: StatusClass
        var leaves = false
    }

    @Test(arguments: [
        Case(
            testDescription: "not found",
            script: { _ in [.answer("404 Not Found")] },
            end: .ok,
            status: .clientError
        ),
        Case(testDescription: "closed", script: { _ in [.close] }, end: .reset, status: .serverError),
        Case(
            testDescription: "nonsense",
            script: { _ in [.send("nonsense\r\n\r\n")] },
            end: .badAnswer,
            status: .serverError
        ),
        Case(testDescription: "late", script: { _ in [.stall] }, end: .timeoutHeader, status: .serverError),
        Case(
            testDescription: "half",
            script: { _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), .close] },
            end: .truncated,
            status: .success
        ),
        Case(
            testDescription: "slow",
            script: { _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), .stall] },
            end: .timeoutRead,
            status: .success
        ),
        Case(
            testDescription: "left",
            script: { _ in [.stall] },
            end: .clientAbort,
            status: .clientError,
            leaves: true
        ),
        Case(
            testDescription: "tunnel",
            script: { _ in
                [
                    .send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"),
                    .close,
                ]
            },
            request: "GET /x HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
            end: .ok,
            status: .informational,
            leaves: true
        ),
        Case(
            testDescription: "bad body",
            script: { _ in [.stall] },
            request: "GET /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
            end: .badRequest,
            status: .clientError
        ),
    ])
    func `whatever the end, nothing is left in flight`(_ example: Case) throws {
        let origin = try ScriptedPeer(trigger: .head, example.script)
        let proxy = try RunningProxy([origin.port]) {
            $0.timeouts.response = .milliseconds(300)
            $0.timeouts.read = .milliseconds(300)
        }
        let client = try RawClient(to: proxy.port)
        try client.send(example.request)
        #expect(origin.waitForRequests(1))
        if example.leaves {
            if example.end == .ok { _ = try client.readResponse() }
            client.close()
        }
        expectRest(proxy, example.end)
        let totals = proxy.backend()
        #expect(count(totals, .get, example.status) == 1 && totals.requests.reduce(0, +) == 1)
        #expect(totals.duration.count == 1)
        #expect(
            proxy.clients.rejected[RejectReason.malformed.rawValue] == (example.end == .badRequest ? 1 : 0)
        )
        client.close()
    }

    @Test func `what no backend hears of counts for none`() throws {
        let origin = try ScriptedPeer { _ in [.send(Self.answer)] }
        let proxy = try RunningProxy([origin.port]) { $0.limits.maxBody = 4 }
        let requests: [(String, RejectReason)] = [
            ("GET / HTTP/1.1\r\n\r\n", .malformed), ("GET / HTTP/3.0\r\n\r\n", .unsupported),
            ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n", .bodyTooLarge),
            ("GET /\(String(repeating: "x", count: 17_000)) HTTP/1.1\r\n\r\n", .headTooLarge),
            ("CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n", .unsupported),
        ]
        var expected = [UInt64](repeating: 0, count: RejectReason.allCases.count)
        for (request, reason) in requests {
            let client = try RawClient(to: proxy.port)
            #expect(try client.exchange(request).status >= 400)
            expected[reason.rawValue] += 1
        }
        // An answer leaves before it is counted.
        #expect(eventually { proxy.clients.rejected == expected })
        #expect(proxy.clients.ends.reduce(0, +) == UInt64(requests.count))
        #expect(proxy.backend().requests.reduce(0, +) == 0 && proxy.backend().inFlight == 0)
    }

    @Test func `attempts elsewhere count where they failed and where they went`() throws {
        let dead = try RefusingAddress()
        let port = try #require(dead.endpoint.split(separator: ":").last.flatMap { UInt16($0) })
        let origin = try ScriptedPeer { _ in [.send(Self.answer)] }
        let proxy = try RunningProxy([port, origin.port])
        let source = PlacementReference.clients(of: 0, among: 2, 1)[0]
        #expect(try RawClient(to: proxy.port, from: source).exchange(Self.get).status == 200)
        #expect(eventually { proxy.backend(1).idleConnections == 1 })
        #expect(proxy.backend(0).retries[RetryReason.connect.rawValue] == 1)
        #expect(proxy.backend(0).inFlight == 0 && proxy.backend(0).opened == 0)
        #expect(proxy.backend(0).requests.reduce(0, +) == 0)
        #expect(proxy.backend(1).spilled == 1 && count(proxy.backend(1), .get, .success) == 1)
        let alone = try RunningProxy([port])
        #expect(try RawClient(to: alone.port).exchange(Self.get).status == 502)
        expectRest(alone, .connectFail)
        #expect(count(alone.backend(), .get, .serverError) == 1)
        #expect(alone.clients.noBackend[NoBackendReason.unreachable.rawValue] == 1)
    }

    @Test func `a connection that died at rest counts as stale`() throws {
        let calls = Monitor(0)
        let origin = try ScriptedPeer { _ in
            let call = calls.access { count in
                count += 1
                return count
            }
            return call == 2 ? [.close] : [.send(Self.answer)]
        }
        let proxy = try RunningProxy([origin.port])
        let client = try RawClient(to: proxy.port)
        for _ in 0..<2 { #expect(try client.exchange(Self.get).status == 200) }
        #expect(eventually { proxy.backend().idleConnections == 1 })
        let totals = proxy.backend()
        #expect(totals.retries[RetryReason.stale.rawValue] == 1 && totals.inFlight == 0)
        #expect(totals.opened == 2 && totals.reused == 1 && totals.activeConnections == 0)
        #expect(count(totals, .get, .success) == 2)
    }
}
