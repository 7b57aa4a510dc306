import TestSupport
import Testing

/// Runs a test against a balancer and insists that the process outlives it.
///
/// A balancer that dies after it has answered would otherwise pass. What it logged joins every failure.
func withBalancer(
    _ backends: [String],
    _ flags: [String] = [],
    environment: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (Balancer) throws -> Void
) throws {
    let balancer = try Balancer(backends: backends, flags: flags, environment: environment)
    do {
        try body(balancer)
    } catch {
        Issue.record(
            "\(error); the balancer logged: \(balancer.process.errors.text)",
            sourceLocation: sourceLocation
        )
    }
    if let status = balancer.process.exitStatus {
        Issue.record(
            "the balancer ended with \(status); it logged: \(balancer.process.errors.text)",
            sourceLocation: sourceLocation
        )
    }
    balancer.kill()
}

/// The same in front of one origin, which is what most tests need.
func withBalancer(
    _ origin: ScriptedPeer,
    _ flags: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (Balancer) throws -> Void
) throws {
    try withBalancer([origin.endpoint], flags, sourceLocation: sourceLocation, body)
}

/// Runs the binary under test until it ends by itself.
func runToEnd(
    _ arguments: [String],
    environment: [String: String] = [:]
) throws -> (status: ProcessEnding?, output: String, errors: String) {
    let process = try ChildProcess(Balancer.binary, arguments, environment: environment)
    let status = process.waitForExit()
    if status == nil { process.signal(.kill) }
    _ = process.output.waitForEnd()
    _ = process.errors.waitForEnd()
    return (status, process.output.text, process.errors.text)
}

extension Balancer {
    /// Sends one request on a connection of its own and reads the whole response.
    func exchange(
        _ request: String,
        from source: String? = nil,
        within limit: Duration = Deadline.patience
    ) throws -> Response {
        try RawClient(to: port, from: source).exchange(request, within: limit)
    }

    /// Fetches a path on a connection of its own.
    func get(
        _ path: String = "/",
        from source: String? = nil,
        within limit: Duration = Deadline.patience
    ) throws -> Response {
        try exchange(requestText("GET", path), from: source, within: limit)
    }
}

/// A request's bytes: request line, `Host`, further fields, body.
func requestText(_ method: String, _ target: String, _ fields: [String] = [], body: String = "") -> String {
    (["\(method) \(target) HTTP/1.1", "Host: example.test"] + fields + ["", body]).joined(separator: "\r\n")
}

/// A GET of `/` that ends its connection, for tests in which only the way matters.
let plainRequest = requestText("GET", "/")

/// An answer's bytes with a `Content-Length`.
func answerText(_ body: String, _ fields: [String] = []) -> String {
    (["HTTP/1.1 200 OK"] + fields + ["Content-Length: \(body.utf8.count)", "", body]).joined(
        separator: "\r\n"
    )
}

/// Text as a sequence of chunks, without the last one.
func chunks(_ pieces: String...) -> String {
    pieces.map { "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }.joined()
}
