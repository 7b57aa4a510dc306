internal import Configuration
internal import Events

/// The backends of `swerve demo`: each answers with its name and the request as it arrived.
final class DemoBackends {
    private let servers: [LocalHTTPServer]

    /// Starts one server for each of `addresses`.
    ///
    /// - Throws: what could not be started, in words.
    init(_ addresses: [BackendAddress], on loop: EventLoop) throws(EventError) {
        var servers: [LocalHTTPServer] = []
        for address in addresses {
            guard let socket = SocketAddress(literal: address.host, port: address.port) else { continue }
            do {
                servers.append(
                    try LocalHTTPServer(socket, on: loop) { Self.answer(from: address, to: $0) }
                )
            } catch {
                throw EventError("cannot start the demo backend on \(address)", code: error.code)
            }
        }
        self.servers = servers
    }

    private static func answer(from address: BackendAddress, to request: LocalHTTPServer.Request) -> String {
        let fields = request.fields.map { "\($0.name): \($0.value)\n" }.joined()
        return "Hello from backend \(address)\n\n\(request.method) \(request.target) HTTP/1.1\n\(fields)"
    }
}
