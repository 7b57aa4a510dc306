internal import Configuration
internal import Events
internal import HTTPMessages
internal import Observability
internal import Upstreams

/// The listener for operators: what is going on, whether to send clients here, and taking backends out.
final class AdminListener {
    /// The address as configured.
    let address: ListenAddress
    /// The token that changes need, if any.
    var token: String?

    private unowned let supervisor: Supervisor
    private var server: LocalHTTPServer?
    /// What is being written, in memory that is kept from one scrape to the next.
    private let output = ByteWriter()

    /// Connections at a time; descriptors for them are kept back.
    private static let connectionLimit = 32
    /// Bytes of memory that are kept for the next scrape.
    private static let keptOutput = 16 << 20

    /// A listener on `address`.
    ///
    /// - Throws: when nobody can listen there.
    init(_ address: ListenAddress, token: String?, of supervisor: Supervisor) throws(EventError) {
        self.address = address
        self.token = token
        self.supervisor = supervisor
        do {
            let plan = try ListenPlan(
                address,
                id: 0,
                workerCount: 1,
                sharesPorts: supervisor.control.plan.configuration.sharesPorts
            )
            server = try LocalHTTPServer(
                plan.socket(for: 0),
                on: supervisor.loop,
                limit: Self.connectionLimit
            ) { [unowned self] in answer($0) }
        } catch {
            throw EventError("cannot open the admin listener on \(address)", code: error.code)
        }
    }

    /// The line that tells where it is.
    var announcement: String {
        "admin listener on \(address.url(port: server?.address.port ?? address.port))"
    }

    // MARK: Answers

    private func answer(_ request: LocalHTTPServer.Request) -> LocalHTTPServer.Response {
        let target = AdminTarget(request.target)
        switch target.path {
        case "/": return reading(request) { page() }
        case "/status.json": return reading(request) { status() }
        case "/metrics": return reading(request) { metrics(request) }
        case "/healthz": return reading(request) { Self.text(200, "alive") }
        case "/readyz": return reading(request) { readiness() }
        case "/explain": return reading(request) { explanation(target) }
        case "/drain": return changing(request, target) { .drain }
        case "/undrain": return changing(request, target) { .serving }
        case "/maintenance": return changing(request, target) { .maintenance }
        default: return Self.text(404, "there is no \(target.path) here")
        }
    }

    private func reading(
        _ request: LocalHTTPServer.Request,
        _ body: () -> LocalHTTPServer.Response
    ) -> LocalHTTPServer.Response {
        guard request.method == "GET" || request.method == "HEAD" else { return Self.notAllowed("GET, HEAD") }
        return body()
    }

    private func page() -> LocalHTTPServer.Response {
        let nonce = StatusPage.makeNonce()
        output.clear()
        StatusPage.write(nonce: nonce, to: output)
        return LocalHTTPServer.Response(
            200,
            contentType: StatusPage.contentType,
            fields: StatusPage.fields(nonce: nonce),
            body: output.bytes
        )
    }

    private func status() -> LocalHTTPServer.Response {
        output.clear()
        supervisor.snapshot().writeStatus(to: output)
        return LocalHTTPServer.Response(
            200,
            contentType: "application/json",
            fields: [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")],
            body: output.bytes
        )
    }

    private func metrics(_ request: LocalHTTPServer.Request) -> LocalHTTPServer.Response {
        let wanted = request.fields.filter { $0.name.lowercased() == "accept" }.map(\.value)
        let format = MetricFormat(accept: wanted.isEmpty ? nil : wanted.joined(separator: ", "))
        output.clear(keepingAtMost: Self.keptOutput)
        supervisor.snapshot().writeMetrics(as: format, to: output)
        return LocalHTTPServer.Response(
            200,
            contentType: format.contentType,
            fields: [("Vary", "Accept"), ("Cache-Control", "no-store")],
            body: output.bytes
        )
    }

    private func readiness() -> LocalHTTPServer.Response {
        if let reason = supervisor.notReady { return Self.text(503, reason) }
        return Self.text(200, "ready")
    }

    private func explanation(_ target: AdminTarget) -> LocalHTTPServer.Response {
        guard let client = target.value(of: "client") else {
            return Self.text(400, "name a client, for example GET /explain?client=10.1.2.3")
        }
        do throws(ValueProblem) {
            return Self.text(200, try supervisor.explanation(of: client).joined(separator: "\n"))
        } catch {
            return Self.text(400, "client \(error.description(of: client))")
        }
    }

    /// Changes what an operator wants of a backend, if whoever asks may.
    private func changing(
        _ request: LocalHTTPServer.Request,
        _ target: AdminTarget,
        _ duty: () -> BackendState.Duty
    ) -> LocalHTTPServer.Response {
        guard request.method == "POST" else { return Self.notAllowed("POST") }
        if let refusal = AdminAccess(token: token).refusal(of: request) {
            return Self.text(refusal.status, refusal.reason)
        }
        guard let name = target.value(of: "backend"), !name.isEmpty else {
            return Self.text(400, "name a backend, for example POST \(target.path)?backend=10.0.0.7:8080")
        }
        guard let backend = supervisor.board.backends.first(where: { $0.name == name }) else {
            return Self.text(404, "there is no backend of this name; see /status.json")
        }
        let state = supervisor.assign(duty(), to: backend)
        return Self.text(200, "backend \(backend.name) is \(state)")
    }

    private static func notAllowed(_ methods: String) -> LocalHTTPServer.Response {
        LocalHTTPServer.Response(405, fields: [("Allow", methods)], body: Array("use \(methods)\n".utf8))
    }

    private static func text(_ status: Int, _ line: String) -> LocalHTTPServer.Response {
        LocalHTTPServer.Response(
            status,
            fields: [("Cache-Control", "no-store")],
            body: Array("\(line)\n".utf8)
        )
    }
}
