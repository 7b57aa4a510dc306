internal import Configuration
internal import Events
internal import HTTPMessages
internal import Observability
internal import Upstreams

/// The listener for operators: what is going on, whether to send clients here, and taking backends out.
final class AdminListener {
    private unowned let supervisor: Supervisor
    private var address: ListenAddress
    private var access: AdminAccess
    private var server: LocalHTTPServer?
    /// What is being written, in memory that is kept from one scrape to the next.
    private let output = ByteWriter()

    /// What those who ask may take; descriptors for the connections are kept back.
    private static let limits = LocalHTTPServer.Limits(
        connections: 32,
        request: .seconds(2),
        rest: .seconds(10),
        answer: .seconds(10)
    )
    /// Bytes of memory that are kept for the next scrape.
    private static let keptOutput = 16 << 20

    /// A listener where `configuration` says.
    ///
    /// - Throws: when the system refuses to listen there.
    init(_ configuration: AdminConfiguration, of supervisor: Supervisor) throws(EventError) {
        guard let address = configuration.listener else { throw EventError("listen", code: 0) }
        self.supervisor = supervisor
        self.address = address
        access = AdminAccess(configuration)
        server = try listen(on: address)
    }

    /// Follows another configuration, which names an address.
    ///
    /// - Throws: when it cannot listen there; then it stays where it was.
    func move(to configuration: AdminConfiguration) throws(EventError) {
        guard let next = configuration.listener else { return }
        if next != address {
            do {
                server = try listen(on: next)
            } catch  where next.port == server?.address.port && error.isAddressInUse {
                // The present listener may be the one in the way: 127.0.0.1 and every address have the port in common.
                try replaceServer(listeningOn: next)
            }
            address = next
        }
        access = AdminAccess(configuration)
    }

    /// Gives the present address up for another one with the same port, and takes it back when that fails.
    private func replaceServer(listeningOn next: ListenAddress) throws(EventError) {
        server = nil
        do {
            server = try listen(on: next)
        } catch {
            server = try? listen(on: address)
            throw error
        }
    }

    private func listen(on address: ListenAddress) throws(EventError) -> LocalHTTPServer {
        do {
            let plan = try ListenPlan(
                address,
                id: 0,
                workerCount: 1,
                sharesPorts: supervisor.control.plan.configuration.sharesPorts
            )
            return try LocalHTTPServer(
                plan.socket(for: 0),
                on: supervisor.loop,
                limits: Self.limits
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
        case "/": return reading(request, for: .presence) { page() }
        case "/healthz": return reading(request, for: .presence) { liveness() }
        case "/readyz": return reading(request, for: .presence) { readiness() }
        case "/status.json": return reading(request, for: .reading) { status() }
        case "/metrics": return reading(request, for: .reading) { metrics(request) }
        case "/explain": return reading(request, for: .reading) { explanation(target) }
        case "/drain": return changing(request, target) { .drain }
        case "/undrain": return changing(request, target) { .serving }
        case "/maintenance": return changing(request, target) { .maintenance }
        default:
            if let refusal = access.refusal(of: request, for: .presence) { return Self.refused(refusal) }
            return Self.text(404, "there is no \(target.path) here")
        }
    }

    private func reading(
        _ request: LocalHTTPServer.Request,
        for purpose: AdminAccess.Purpose,
        _ body: () -> LocalHTTPServer.Response
    ) -> LocalHTTPServer.Response {
        guard request.method == "GET" || request.method == "HEAD" else { return Self.notAllowed("GET, HEAD") }
        if let refusal = access.refusal(of: request, for: purpose) { return Self.refused(refusal) }
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

    private func liveness() -> LocalHTTPServer.Response {
        let stalls = supervisor.control.pulses.stalls(at: LoopTime.current())
        guard !stalls.isEmpty else { return Self.text(200, "alive") }
        let words = stalls.map { "worker \($0.worker) has not turned its loop for \($0.seconds) s" }
        return Self.text(503, words.joined(separator: "; "))
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
        if let refusal = access.refusal(of: request, for: .changing) { return Self.refused(refusal) }
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

    private static func refused(_ refusal: AdminAccess.Refusal) -> LocalHTTPServer.Response {
        var response = text(refusal.status, refusal.reason)
        if refusal.status == 401 { response.fields.append(("WWW-Authenticate", "Bearer")) }
        return response
    }

    private static func text(_ status: Int, _ line: String) -> LocalHTTPServer.Response {
        LocalHTTPServer.Response(
            status,
            fields: [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")],
            body: Array("\(line)\n".utf8)
        )
    }
}
