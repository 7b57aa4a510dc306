import TestSupport
import Testing

@testable import Events

/// What connections to the small server may take, on a loop.
@Suite struct LocalHTTPServerTests {
    private func server(
        on loop: EventLoop,
        request: Duration = .seconds(60),
        rest: Duration = .seconds(60),
        answer: Duration = .seconds(60),
        size: Int = 2
    ) throws -> LocalHTTPServer {
        let address = try #require(SocketAddress(literal: "127.0.0.1", port: 0))
        return try LocalHTTPServer(
            BoundSocket(address, isDualStack: false, sharesPort: false),
            on: loop,
            limits: LocalHTTPServer.Limits(connections: 3, request: request, rest: rest, answer: answer)
        ) { _ in LocalHTTPServer.Response(200, body: [UInt8](repeating: 0x78, count: size)) }
    }

    /// Runs `loop` until nothing but `condition` holds, and says whether it came to that.
    private func run(_ loop: EventLoop, until condition: @escaping () -> Bool) -> Bool {
        var timer: Timer?
        timer = Timer(on: loop) {
            if condition() { loop.stop() } else { timer?.start(after: .milliseconds(5)) }
        }
        timer?.start(after: .milliseconds(5))
        defer { timer = nil }
        return runToStop(loop)
    }

    private func connect(_ count: Int, to server: LocalHTTPServer, on loop: EventLoop) throws -> [Recorder] {
        try (0..<count).map { _ in
            let client = Recorder(on: loop)
            try client.connect(to: server.address, timeout: LoopInterval(.seconds(10)))
            #expect(run(loop) { client.events.contains("connected") })
            return client
        }
    }

    private func send(_ text: String, from client: Recorder) {
        let bytes = Array(text.utf8)
        client.send(bytes.span)
    }

    /// Ends a test: open connections keep themselves alive, and what was closed goes when a turn has ended.
    private func leave(_ clients: [Recorder], _ server: LocalHTTPServer, _ loop: EventLoop) {
        for client in clients { client.close() }
        _ = withExtendedLifetime(server) { run(loop) { true } }
    }

    private func isGone(_ client: Recorder) -> Bool {
        client.events.contains("ended") || client.events.contains("failed")
    }

    @Test func `a newcomer takes the place of the one that has owed a request for longest`() throws {
        let loop = try EventLoop()
        let server = try server(on: loop)
        let clients = try connect(5, to: server, on: loop)
        #expect(run(loop) { clients[..<3].allSatisfy { isGone($0) } })
        #expect(!isGone(clients[3]) && !isGone(clients[4]))
        send("GET / HTTP/1.1\r\nHost: a\r\n\r\n", from: clients[4])
        #expect(run(loop) { clients[4].events.contains("received") })
        leave(clients, server, loop)
    }

    @Test func `a request has to be there in time, however it trickles`() throws {
        let loop = try EventLoop()
        let server = try server(on: loop, request: .milliseconds(300))
        let client = try connect(1, to: server, on: loop)[0]
        #expect(
            run(loop) {
                if client.isOpen { send("x", from: client) }
                return isGone(client)
            }
        )
        leave([client], server, loop)
    }

    @Test func `a kept connection rests for its own time, and no longer`() throws {
        let loop = try EventLoop()
        let server = try server(on: loop, request: .milliseconds(200), rest: .milliseconds(700))
        let client = try connect(1, to: server, on: loop)[0]
        let start = LoopTime.current()
        send("GET / HTTP/1.1\r\nHost: a\r\n\r\n", from: client)
        #expect(run(loop) { isGone(client) })
        #expect(client.events.contains("received"))
        #expect(LoopTime.current().nanoseconds(since: start) >= 690_000_000)
        leave([client], server, loop)
    }
}
