import Configuration
import Events
import Glibc
import Testing

@testable import Serving

/// Whole runs in a process of their own, by their exit status.
@Suite struct SupervisorTests {
    private static func configuration(_ port: UInt16 = 0) -> ServerConfiguration {
        var configuration = ServerConfiguration(backends: [BackendAddress(host: "127.0.0.1", port: 9)])
        configuration.listeners = [ListenAddress(host: "127.0.0.1", port: port)]
        configuration.accessLog = .off
        return configuration
    }

    /// Runs and never reloads.
    private static func run(_ configuration: ServerConfiguration) -> Int32 {
        Server.run(configuration) { fatalError("nobody asked for a reload") }
    }

    /// Sends a signal to this thread, the only one that holds them back.
    private static func send(_ signal: Int32) { pthread_kill(pthread_self(), signal) }

    @Test func `a stop that is asked for before the start is a clean one`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            ServerSignals.hold()
            Self.send(SIGTERM)
            exit(Self.run(Self.configuration()))
        }
    }

    @Test func `a signal that comes when everything has stopped does not change the exit status`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            ServerSignals.hold()
            Self.send(SIGTERM)
            let status = Self.run(Self.configuration())
            Self.send(SIGTERM)
            exit(status)
        }
    }

    @Test func `an address that is taken ends it with 1`() async {
        await #expect(processExitsWith: .exitCode(1)) {
            guard let address = SocketAddress(literal: "127.0.0.1", port: 0),
                let socket = try? BoundSocket(address, isDualStack: false, sharesPort: false),
                let loop = try? EventLoop(),
                let listener = try? HTTPListener(
                    socket,
                    on: loop,
                    room: { 1 },
                    admit: { true },
                    acceptFailed: { _ in },
                    makeConnection: { _ in ByteStream(on: loop) }
                )
            else { exit(99) }
            exit(withExtendedLifetime(listener) { Self.run(Self.configuration(socket.address.port)) })
        }
    }

    @Test func `a reload in the middle of a stop is left alone, and the stop is clean`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            ServerSignals.hold()
            for signal in [SIGHUP, SIGUSR2, SIGTERM] { Self.send(signal) }
            exit(Self.run(Self.configuration()))
        }
    }
}
