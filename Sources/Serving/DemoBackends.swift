internal import Configuration
internal import Events

/// The backends of `swerve demo`: each answers with its name and the request as it arrived.
final class DemoBackends {
    private let servers: [LocalHTTPServer]

    /// What the balancer in front, or whoever else reaches them, may take.
    private static let limits = LocalHTTPServer.Limits(
        connections: 1024,
        request: .seconds(60),
        rest: .seconds(60),
        answer: .seconds(60)
    )

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
                        limits: Self.limits
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
