import Events
import TestSupport
import Testing

@testable import Serving

/// A worker alone: its listeners, its places, and its end.
@Suite struct WorkerTests {
    /// An origin that answers `/` and is mute for everything else.
    private static func origin() throws -> ScriptedPeer {
        try ScriptedPeer { request in request.target == "/" ? [.send(answer)] : [.stall] }
    }

    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    private static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let muteRequest = "GET /mute HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `it accepts when the run is open and not before`() throws {
        let origin = try Self.origin()
        let running = try LoopedWorker(backend: origin.port)
        let client = try RawClient(to: running.port)
        #expect(running.run { running.reports.count == 1 })
        #expect(running.control.clientCount == 0)
        running.control.advance(to: .open)
        #expect(running.run { running.control.clientCount == 1 })
        client.close()
        #expect(running.run { running.control.clientCount == 0 })
        running.release()
    }

    @Test func `without clients it ends when it is told to drain, once`() throws {
        let running = try LoopedWorker(backend: 9)
        running.control.advance(to: .open)
        running.control.advance(to: .draining)
        #expect(running.run { running.cutCount == 0 })
        for phase in [Control.Phase.closingTunnels, .cut] { running.control.advance(to: phase) }
        for _ in 0..<3 {
            running.control.ringAll()
            _ = running.run { true }
        }
        #expect(running.endCount == 1)
        #expect(throws: SocketError.self) { try RawClient(to: running.port, patience: .seconds(1)) }
        running.release()
    }

    @Test func `with clients at work in a full house it ends at the cut and says how many were at work`()
        throws
    {
        let origin = try Self.origin()
        let running = try LoopedWorker(backend: origin.port, maxConnections: 3)
        running.control.advance(to: .open)
        let clients = try (0..<3).map { _ in try RawClient(to: running.port) }
        for client in clients.dropLast() { try client.send(Self.muteRequest) }
        try clients[2].send("GET / HT")
        #expect(running.run { running.control.clientCount == 3 && origin.requestCount == 2 })
        running.control.advance(to: .draining)
        running.control.advance(to: .closingTunnels)
        clients[0].close()
        #expect(running.run { running.control.clientCount == 2 })
        #expect(running.cutCount == nil)
        running.control.advance(to: .cut)
        #expect(running.run { running.cutCount == 1 })
        #expect(running.control.clientCount == 0)
        running.release()
    }

    @Test func `places are counted right while clients come, wait and go`() throws {
        let origin = try Self.origin()
        let running = try LoopedWorker(backend: origin.port, maxConnections: 2)
        running.control.advance(to: .open)
        for round in 1...5 {
            let clients = try (0..<4).map { _ in try RawClient(to: running.port) }
            for client in clients { try client.send(Self.muteRequest) }
            #expect(running.run { origin.requestCount == 4 * round - 2 })
            #expect(running.control.clientCount == 2 && running.control.room() == 0)
            clients[0].close()
            clients[1].close()
            #expect(running.run { running.control.clientCount == 2 && origin.requestCount == 4 * round })
            clients[2].close()
            clients[3].close()
            #expect(running.run { running.control.clientCount == 0 })
        }
        running.release()
    }

    @Test func `a listener that a reload takes out serves who is in its queue, and closes`() throws {
        let origin = try Self.origin()
        let running = try LoopedWorker(backend: origin.port)
        running.control.advance(to: .open)
        _ = running.run { running.reports.count == 1 }
        let former = running.port
        let early = try RawClient(to: former)
        try early.send(Self.request)
        try running.moveListener()
        #expect(running.run { origin.requestCount == 1 })
        let late = try RawClient(to: running.port)
        try late.send(Self.request)
        #expect(running.run { origin.requestCount == 2 })
        #expect(running.control.clientCount == 2)
        // A stop right behind a reload closes what the reload took out with the rest.
        try running.moveListener()
        running.control.advance(to: .cut)
        #expect(running.run { running.cutCount != nil })
        for port in [former, running.port] {
            #expect(throws: SocketError.self) { try RawClient(to: port, patience: .seconds(1)) }
        }
        running.release()
    }

    @Test func `a worker that has ended is freed with its loop's work`() throws {
        let origin = try Self.origin()
        let running = try LoopedWorker(backend: origin.port)
        weak let worker = running.worker
        weak let proxy = running.worker?.proxy
        running.control.advance(to: .open)
        let client = try RawClient(to: running.port)
        try client.send(Self.request)
        #expect(running.run { origin.requestCount == 1 })
        running.control.advance(to: .cut)
        #expect(running.run { running.cutCount != nil })
        running.release()
        #expect(worker == nil && proxy == nil)
    }
}
