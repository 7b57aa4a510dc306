import Glibc
import Testing

@testable import Events

/// What becomes of those who connect while a listener closes.
@Suite struct ListenerTests {
    /// A connection of the loopback interface that waits in a listener's queue.
    private final class Caller {
        let descriptor: Int32

        init(to address: SocketAddress) throws {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            let result = address.withSockaddr { connect(descriptor, $0, $1) }
            try #require(result == 0)
        }

        /// Whether the other side has closed.
        var isClosed: Bool {
            var byte: UInt8 = 0
            let count = recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT))
            return count == 0 || count < 0 && errno != EAGAIN
        }

        deinit { close(descriptor) }
    }

    private static func bind(_ text: String = "127.0.0.1", port: UInt16 = 0) throws -> BoundSocket {
        let address = try #require(SocketAddress(literal: text, port: port))
        return try BoundSocket(address, isDualStack: false, sharesPort: true)
    }

    /// A port that is free on every address, outside the range that the system takes those of connections from: one of
    /// another test on another loopback address would be in a wildcard's way.
    private static func freePort() throws -> UInt16 {
        let ports = (0..<100).map { _ in UInt16.random(in: 20_000..<30_000) }
        return try #require(
            ports.first { (try? BoundSocket.expectFree(.any(port: $0), isDualStack: true)) != nil }
        )
    }

    /// The pass that accepts a client closes the listener behind it.
    @Test(arguments: [true, false])
    func `a client that is accepted in the pass that closes the listener is served or disconnected`(
        _ hasPlace: Bool
    ) throws {
        let loop = try EventLoop()
        var made: [Recorder] = []
        var listener: HTTPListener? = try HTTPListener(
            Self.bind(),
            on: loop,
            room: { 1 },
            admit: { hasPlace },
            acceptFailed: { _ in },
            makeConnection: { _ in
                made.append(Recorder(on: loop))
                return made[made.count - 1]
            }
        )
        let caller = try Caller(to: try #require(listener).address)
        // Due in the first pass, behind the events of sockets.
        let closing = Timer(on: loop) {
            listener?.close()
            // The last owner may let go of it, and it may be kept.
            if hasPlace { listener = nil }
        }
        closing.start(after: .zero)
        let end = Timer(on: loop) { loop.stop() }
        end.start(after: .milliseconds(100))
        #expect(runToStop(loop))
        #expect(made.count == (hasPlace ? 1 : 0))
        #expect(made.allSatisfy { $0.events == ["connected"] })
        #expect(caller.isClosed == !hasPlace)
        for stream in made { stream.close() }
        closing.cancel()
        end.start(after: .zero)
        #expect(runToStop(loop))
    }

    @Test func `who connects to a listener that ignores newcomers finds the one that covers its address`()
        throws
    {
        let loop = try EventLoop()
        var counts = [0, 0]
        var streams: [Recorder] = []
        func listen(_ socket: BoundSocket, _ place: Int) throws -> HTTPListener {
            try HTTPListener(
                socket,
                on: loop,
                room: { 10 },
                admit: { true },
                acceptFailed: { _ in },
                makeConnection: { _ in
                    counts[place] += 1
                    streams.append(Recorder(on: loop))
                    return streams[streams.count - 1]
                }
            )
        }
        let port = try Self.freePort()
        let first = try listen(Self.bind(port: port), 0)
        let second = try listen(Self.bind("0.0.0.0", port: port), 1)
        let early = try Caller(to: first.address)
        first.ignoreNewClients()
        let late = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        defer { close(late) }
        #expect(first.address.withSockaddr { connect(late, $0, $1) } != 0 && errno == EINPROGRESS)
        let closing = Timer(on: loop) { first.close() }
        closing.start(after: .milliseconds(50))
        loop.addTurnEnd { if counts == [1, 1] { loop.stop() } }
        #expect(runToStop(loop))
        #expect(counts == [1, 1] && !early.isClosed)
        loop.removeTurnEnds()
        for stream in streams { stream.close() }
        second.close()
        let end = Timer(on: loop) { loop.stop() }
        end.start(after: .zero)
        #expect(runToStop(loop))
    }

    @Test func `sockets that listen on an address, or that a new one would meet, are found`() throws {
        let loop = try EventLoop()
        func listen(_ socket: BoundSocket) throws -> HTTPListener {
            try HTTPListener(
                socket,
                on: loop,
                room: { 1 },
                admit: { true },
                acceptFailed: { _ in },
                makeConnection: { _ in Recorder(on: loop) }
            )
        }
        let specific = try Self.bind(port: Self.freePort())
        let other = try Self.bind("127.0.0.2", port: specific.address.port)
        let wildcard = SocketAddress(ip: .v4([0, 0, 0, 0]), port: specific.address.port)
        let listeners = try [listen(specific), listen(other)]
        #expect(PortSharers.listening(on: specific.address) == [specific.inode])
        #expect(PortSharers.listening(on: wildcard) == [])
        #expect(PortSharers.meeting(specific.address, isDualStack: false) == [specific.inode])
        #expect(PortSharers.meeting(wildcard, isDualStack: false) == [specific.inode, other.inode])
        let any = SocketAddress.any(port: specific.address.port)
        #expect(PortSharers.meeting(any, isDualStack: true) == [specific.inode, other.inode])
        #expect(PortSharers.meeting(any, isDualStack: false) == [])
        for listener in listeners { listener.close() }
        #expect(PortSharers.listening(on: specific.address) == [])
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1", false, true), ("127.0.0.1", "127.0.0.2", false, false),
        ("0.0.0.0", "127.0.0.1", false, true), ("127.0.0.1", "0.0.0.0", false, false),
        ("::", "127.0.0.1", true, true), ("::", "127.0.0.1", false, false), ("::", "::1", false, true),
    ])
    func `a wildcard covers the addresses of its family, or of both`(
        _ wide: String,
        _ narrow: String,
        _ isDualStack: Bool,
        _ covers: Bool
    ) throws {
        let first = try #require(SocketAddress(literal: wide, port: 80))
        let second = try #require(SocketAddress(literal: narrow, port: 80))
        #expect(first.covers(second, isDualStack: isDualStack) == covers)
        let elsewhere = try #require(SocketAddress(literal: narrow, port: 81))
        #expect(!first.covers(elsewhere, isDualStack: isDualStack))
    }

    @Test func `a process whose stop does not end is ended`() async {
        await #expect(processExitsWith: .exitCode(2)) {
            let backstop = ProcessBackstop()
            backstop.arm(after: .milliseconds(20), status: 2)
            while true { pause() }
        }
        await #expect(processExitsWith: .exitCode(0)) {
            let backstop = ProcessBackstop()
            backstop.arm(after: .milliseconds(20), status: 2)
            backstop.disarm()
            usleep(200_000)
            exit(0)
        }
    }
}
