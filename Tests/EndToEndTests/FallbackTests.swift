import TestSupport
import Testing

/// A backend that fails costs its clients nothing as long as another one lives.
@Suite struct FallbackTests {
    @Test(arguments: 0..<3)
    func `the clients of a dead backend get the next one in order, the last one's the first`(_ dead: Int)
        throws
    {
        let origins = try (0..<3).map { try Origin.ok("backend \($0)") }
        origins[dead].stop()
        try withBalancer(origins.map(\.endpoint)) { balancer throws in
            let client = PlacementReference.client(of: dead, among: 3)
            #expect(try balancer.get(from: client).text == "backend \((dead + 1) % 3)")
            let neighbour = (dead + 2) % 3
            let other = PlacementReference.client(of: neighbour, among: 3)
            #expect(try balancer.get(from: other).text == "backend \(neighbour)")
        }
    }

    @Test func `two dead backends in a row are both passed over`() throws {
        let origins = try (0..<4).map { try Origin.ok("backend \($0)") }
        origins[3].stop()
        origins[0].stop()
        try withBalancer(origins.map(\.endpoint)) { balancer throws in
            let client = PlacementReference.client(of: 3, among: 4)
            #expect(try balancer.get(from: client).text == "backend 1")
        }
    }

    @Test(arguments: ["GET", "POST", "PUT", "DELETE", "PATCH", "PURGE"])
    func `a refused connection moves on whatever the method`(_ method: String) throws {
        let dead = try RefusingAddress()
        let origin = try Origin.ok("alive")
        try withBalancer([dead.endpoint, origin.endpoint]) { balancer throws in
            let client = PlacementReference.client(of: 0, among: 2)
            let response = try balancer.exchange(
                requestText(method, "/x", ["Content-Length: 5"], body: "hello"),
                from: client
            )
            #expect(response.status == 200)
        }
        #expect(origin.requests.map(\.bodyText) == ["hello"])
        #expect(origin.requests.map(\.method) == [method])
    }

    @Test func `a body in chunks survives the move to another backend`() throws {
        let dead = try RefusingAddress()
        let origin = try Origin.ok("alive")
        try withBalancer([dead.endpoint, origin.endpoint]) { balancer throws in
            let client = PlacementReference.client(of: 0, among: 2)
            let head = requestText("POST", "/", ["Transfer-Encoding: chunked"])
            let response = try balancer.exchange(head + chunks("hel", "lo") + "0\r\n\r\n", from: client)
            #expect(response.status == 200)
        }
        #expect(origin.requests.map(\.bodyText) == ["hello"])
    }

    @Test func `a large body survives the move to another backend`() throws {
        let dead = try RefusingAddress()
        let origin = try Origin.ok("alive")
        let size = 1 << 20
        try withBalancer([dead.endpoint, origin.endpoint]) { balancer throws in
            let connection = try RawClient(
                to: balancer.port,
                from: PlacementReference.client(of: 0, among: 2)
            )
            try connection.send(requestText("PUT", "/", ["Content-Length: \(size)"]))
            try connection.sendPattern(size)
            #expect(try connection.readResponse(to: "PUT").status == 200)
        }
        #expect(origin.requests.first?.body == Pattern.prefix(size))
    }

    /// A request that may have reached a backend, and whether it goes to another one when that backend breaks.
    struct Broken: CustomTestStringConvertible, Sendable {
        var method: String
        var fields: [String] = []
        var movesOn: Bool

        var testDescription: String { ([method] + fields).joined(separator: " ") }
    }

    /// RFC 9110 §9.2.2: only what may be carried out twice is sent twice.
    @Test(arguments: [
        Broken(method: "GET", movesOn: true), Broken(method: "PUT", movesOn: true),
        Broken(method: "DELETE", movesOn: true), Broken(method: "OPTIONS", movesOn: true),
        Broken(method: "POST", movesOn: false), Broken(method: "PATCH", movesOn: false),
        Broken(method: "POST", fields: ["Idempotency-Key: \"8e03978e\""], movesOn: true),
        Broken(method: "POST", fields: ["idempotency-key: k"], movesOn: true),
        Broken(method: "POST", fields: ["Idempotency-Key:"], movesOn: false),
        Broken(method: "POST", fields: ["Idempotency-Key: a", "Idempotency-Key: a"], movesOn: false),
        Broken(
            method: "POST",
            fields: ["Idempotency-Key: a", "Connection: idempotency-key"],
            movesOn: false
        ),
    ])
    func `what a backend broke on goes to another one only if it may be carried out twice`(_ row: Broken)
        throws
    {
        let broken = try ScriptedPeer { _ in [.reset] }
        let origin = try Origin.ok("alive")
        try withBalancer([broken.endpoint, origin.endpoint]) { balancer throws in
            let client = PlacementReference.client(of: 0, among: 2)
            let response = try balancer.exchange(
                requestText(row.method, "/", row.fields + ["Content-Length: 2"], body: "hi"),
                from: client
            )
            #expect(response.status == (row.movesOn ? 200 : 502))
        }
        #expect(broken.requestCount == 1)
        #expect(origin.requests.map(\.bodyText) == (row.movesOn ? ["hi"] : []))
    }

    @Test func `a body is sent again whole when what came back was no answer`() throws {
        let gates = (0..<2).map { _ in Gate() }
        let stored = Monitor([UInt8]())
        let origin = try ScriptedPeer(trigger: .head) { request in
            if request.target == "/warm" { return [.send(answerText("warm"))] }
            guard request.connection == 1 else {
                return [
                    .run { connection in
                        try connection.readBody { piece in stored.access { $0.append(contentsOf: piece) } }
                    }, .send(answerText("stored")),
                ]
            }
            // Left of something before, and not to be told from the beginning of an answer.
            return [
                .run { _ = try $0.read(exactly: 9) }, .send("HTT"), .wait(gates[0]),
                .run { _ = try $0.read(exactly: 9) }, .wait(gates[1]), .send("nonsense\r\n\r\n"), .stall,
            ]
        }
        try withBalancer(origin, ["--workers", "1"]) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(requestText("GET", "/warm"))
            #expect(try client.readResponse().text == "warm")
            try client.send(
                requestText("PUT", "/store", ["Transfer-Encoding: chunked"], body: "4\r\nAAAA\r\n")
            )
            pass(.milliseconds(300))
            gates[0].open()
            try client.send("4\r\nBBBB\r\n")
            pass(.milliseconds(300))
            gates[1].open()
            pass(.milliseconds(300))
            try client.send("4\r\nCCCC\r\n0\r\n\r\n")
            #expect(try client.readResponse().text == "stored")
        }
        #expect(stored.read { String(decoding: $0, as: UTF8.self) } == "AAAABBBBCCCC")
    }

    @Test(arguments: ["GET", "POST"])
    func `what was never written goes on whatever the method`(_ method: String) throws {
        let dead = try RefusingAddress()
        let origin = try Origin.ok("alive")
        try withBalancer([dead.endpoint, origin.endpoint]) { balancer throws in
            let client = PlacementReference.client(of: 0, among: 2)
            let response = try balancer.exchange(
                requestText(method, "/", ["Content-Length: 2"], body: "hi"),
                from: client
            )
            #expect(response.text == "alive")
        }
        #expect(origin.requests.map(\.bodyText) == ["hi"])
    }

    @Test func `a connection that is reset as soon as it is made moves on`() throws {
        let broken = try Origin.ok("broken")
        broken.welcome(.reset)
        let origin = try Origin.ok("alive")
        try withBalancer([broken.endpoint, origin.endpoint]) { balancer throws in
            let client = PlacementReference.client(of: 0, among: 2)
            #expect(try balancer.get(from: client).text == "alive")
        }
    }

    /// A request that breaks whoever takes it must not go through all of them.
    @Test func `a request that breaks backends is tried on two of them`() throws {
        let origins = try (0..<3).map { _ in try ScriptedPeer { _ in [.reset] } }
        try withBalancer(origins.map(\.endpoint)) { balancer throws in
            let response = try balancer.get()
            #expect((502...503).contains(response.status))
            #expect(balancer.waitForAccessLine(path: "/")?.status == response.status)
        }
        #expect(origins.map(\.acceptedCount).sorted() == [0, 1, 1])
    }

    @Test func `an upload too large to be held is not sent twice`() throws {
        let broken = try ScriptedPeer(trigger: .head) { _ in
            [.run { _ = try $0.read(exactly: 4 << 20) }, .reset]
        }
        let other = try Origin.ok("other")
        try withBalancer([broken.endpoint, other.endpoint]) { balancer throws in
            let client = try RawClient(to: balancer.port, from: PlacementReference.client(of: 0, among: 2))
            try client.send(requestText("PUT", "/", ["Content-Length: \(16 << 20)"]))
            try? client.sendPattern(16 << 20)
            let outcome = client.readOutcome(to: "PUT")
            #expect(outcome.response?.status == 502 || outcome.isVisiblyBroken, "\(outcome)")
            #expect(balancer.waitForAccessLine(path: "/")?.status == 502)
        }
        #expect(other.acceptedCount == 0)
    }

    @Test(arguments: ["HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"], [false, true])
    func `an idle connection that breaks is replaced once for any method that may be repeated`(
        _ method: String,
        _ isReset: Bool
    ) throws {
        let origin = try ScriptedPeer { request in
            request.ordinal > 1 ? [isReset ? .reset : .close] : [.send(answerText(""))]
        }
        try withBalancer(origin) { balancer throws in
            // One connection, so that both requests meet in one pool.
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(requestText("GET", "/first")).status == 200)
            let fields = method == "PUT" ? ["Content-Length: 4"] : []
            let text = requestText(method, "/second", fields, body: method == "PUT" ? "body" : "")
            #expect(try client.exchange(text).status == 200)
        }
        #expect(origin.requests.map(\.target) == ["/first", "/second", "/second"])
        #expect(origin.requests.last?.bodyText == (method == "PUT" ? "body" : ""))
    }

    @Test func `a replay is not replayed`() throws {
        let origin = try ScriptedPeer { request in
            request.target == "/first" ? [.send(answerText("ok"))] : [.close]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(requestText("GET", "/first")).status == 200)
            #expect(try client.exchange(requestText("GET", "/second")).status == 502)
            #expect(balancer.waitForAccessLine(path: "/second")?.status == 502)
        }
        #expect(origin.requests.map(\.target) == ["/first", "/second", "/second"])
    }

    @Test(arguments: ["POST", "PATCH"])
    func `a request that may not be repeated is not sent twice`(_ method: String) throws {
        let origin = try ScriptedPeer { request in
            request.ordinal > 1 ? [.close] : [.send(answerText("ok"))]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(requestText("GET", "/first")).status == 200)
            let text = requestText(method, "/pay", ["Content-Length: 1"], body: "1")
            #expect(try client.exchange(text).status == 502)
        }
        #expect(origin.requests.map(\.target) == ["/first", "/pay"])
    }

    @Test func `an idle connection known to be closed is not used, not even for a POST`() throws {
        let origin = try ScriptedPeer { _ in [.send(answerText("ok")), .close] }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            for round in 1...3 {
                let post = requestText("POST", "/\(round)", ["Content-Length: 1"], body: "1")
                #expect(try client.exchange(post).status == 200)
                #expect(origin.waitForEnd(of: round) == .endedHere)
            }
        }
        #expect(origin.requests.map(\.connection) == [1, 2, 3])
    }

    @Test func `failed connections take a backend out before its next probe`() throws {
        let origins = try (0..<2).map { try Origin.ok("backend \($0)") }
        let flags = ["--health-interval", "30s", "--health-fall", "3"]
        try withBalancer(origins.map(\.endpoint), flags) { balancer throws in
            #expect(origins[0].waitForProbes(1))
            let client = PlacementReference.client(of: 0, among: 2)
            #expect(try balancer.get(from: client).text == "backend 0")
            let probes = origins[0].probes.count
            origins[0].stop()
            for _ in 0..<3 { #expect(try balancer.get(from: client).text == "backend 1") }
            let line = balancer.waitForLog("backend \(origins[0].endpoint) down", within: .seconds(20))
            #expect(line != nil)
            #expect(origins[0].probes.count == probes)
        }
    }

    @Test func `with every backend down the answer is 503, says so and says when to come back`() throws {
        let dead = try (0..<2).map { _ in try RefusingAddress() }
        try withBalancer(dead.map(\.endpoint), quickHealth) { balancer throws in
            for backend in dead {
                let line = try #require(balancer.waitForLog("backend \(backend.endpoint) down"))
                #expect(line.lowercased().contains("refused"))
            }
            let response = try balancer.get()
            #expect(response.status == 503)
            let delay = try #require(response["Retry-After"].flatMap { Int($0) })
            #expect(delay > 0)
            #expect(response.text.lowercased().contains("backend"))
            #expect(balancer.waitForAccessLine(path: "/")?.backend == "-")
        }
    }

    @Test func `a client stays connected through a 503 and is served when a backend is back`() throws {
        let origin = try Origin.ok("back")
        origin.stop()
        try withBalancer([origin.endpoint], quickHealth) { balancer throws in
            #expect(balancer.waitForLog("backend \(origin.endpoint) down") != nil)
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(plainRequest).status == 503)
            try origin.restart()
            #expect(balancer.waitForLog("backend \(origin.endpoint) up") != nil)
            #expect(try client.exchange(plainRequest).text == "back")
        }
    }
}
