internal import Configuration
internal import Events

/// The backends of `swerve demo`: each answers with its name and the request as it arrived.
final class DemoBackends {
    private let servers: [LocalHTTPServer]

    /// Connections that one of them takes at a time.
    private static let limit = 1024

    /// Starts one server for each of `addresses`.
    ///
    /// - Throws: what could not be started, in words.
    init(_ addresses: [BackendAddress], on loop: EventLoop) throws(EventError) {
        var servers: [LocalHTTPServer] = []
        for address in addresses {
            guard let socket = SocketAddress(literal: address.host, port: address.port) else { continue }
            do {
                servers.append(
                    try LocalHTTPServer(
                        BoundSocket(socket, isDualStack: false, sharesPort: false),
                        on: loop,
                        limit: Self.limit
                    ) { Self.answer(from: address, to: $0) }
                )
            } catch {
                throw EventError("cannot start the demo backend on \(address)", code: error.code)
            }
        }
        self.servers = servers
    }

    private static func answer(
        from address: BackendAddress,
        to request: LocalHTTPServer.Request
    ) -> LocalHTTPServer.Response {
        let fields = request.fields.map { "\($0.name): \($0.value)\n" }.joined()
        let text =
            "Hello from backend \(address)\n\n\(request.method) \(request.target) HTTP/1.1\n\(fields)"
        return LocalHTTPServer.Response(200, body: Array(text.utf8))
    }
}
