import TestSupport
import Testing

/// Bytes that nobody asked for never become somebody's answer.
@Suite struct PoisonTests {
    /// What would be taken for an answer if it were read as one.
    static let poison = "HTTP/1.1 203 Poisoned\r\nContent-Length: 6\r\n\r\npoison"

    /// A way to get an answer that has no body, whatever its fields say.
    struct Bodiless: Sendable, CustomTestStringConvertible {
        let method: String
        let status: String
        let fields: String

        var testDescription: String { "\(method) \(status) \(fields)" }
        /// The head, which ends the answer.
        var head: String { "HTTP/1.1 \(status)\r\n\(fields)\r\n" }
    }

    /// Every such way, with fields that speak of a body.
    static let announced = [
        ("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Modified"),
    ].flatMap { method, status in
        ["Content-Length: \(poison.utf8.count)", "Transfer-Encoding: chunked"].map {
            Bodiless(method: method, status: status, fields: "\($0)\r\n")
        }
    }

    /// Every such way, without a word of a body.
    static let unannounced = ["204 No Content", "304 Not Modified"].map {
        Bodiless(method: "GET", status: $0, fields: "")
    }

    @Test func `a body that the origin takes for a request is answered to nobody`() throws {
        let origin = try ScriptedPeer(trigger: .head) { request in
            if request.target == "/next" { return [.send(answerText("next"))] }
            if request.values("Expect") == ["100-continue"] { return [.answer("401 Unauthorized")] }
            // Answered as late as can be: when the next request has come on the same connection.
            return [.run { _ = try $0.read(upTo: .max) }, .send(Self.poison), .close]
        }
        try withBalancer([origin.endpoint], ["--workers", "1"]) { balancer throws in
            let body = requestText("GET", "/evil")
            let fields = ["Expect: 100-continue", "Content-Length: \(body.utf8.count)"]
            #expect(try balancer.exchange(requestText("POST", "/first", fields, body: body)).status == 401)
            #expect(try balancer.get("/next").text == "next")
        }
    }

    /// Has `late` come on a connection that rests after `answer`, before the balancer sees the next request.
    private func rest(
        after first: String = "GET",
        answeredBy answer: String = answerText("first"),
        then late: String,
        closes: Bool = false,
        next: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let resting = Gate()
        let spoken = Gate()
        let origin = try ScriptedPeer { request in
            guard request.target == "/first" else {
                return [.send(answerText(request.method == "HEAD" ? "" : "real"))]
            }
            let end: [PeerAction] = closes ? [.close] : []
            return [.send(answer), .wait(resting), .send(late), .run { _ in spoken.open() }] + end
        }
        let hasBody = ["POST", "PUT", "PATCH"].contains(next)
        let text = requestText(
            next,
            "/next",
            hasBody ? ["Content-Length: 4"] : [],
            body: hasBody ? "body" : ""
        )
        try withBalancer([origin.endpoint], sourceLocation: sourceLocation) { balancer throws in
            // One connection, so that both requests meet in one pool.
            let client = try RawClient(to: balancer.port)
            try client.send(requestText(first, "/first"))
            _ = try client.readResponse(to: first)
            try balancer.whileFrozen {
                try client.send(text)
                resting.open()
                #expect(spoken.wait(until: .after()), sourceLocation: sourceLocation)
                if closes { #expect(origin.waitForEnd(of: 1) != nil, sourceLocation: sourceLocation) }
            }
            let response = try client.readResponse(to: next)
            #expect(response.status == 200, sourceLocation: sourceLocation)
            if next != "HEAD" { #expect(response.text == "real", sourceLocation: sourceLocation) }
        }
        #expect(origin.requests.map(\.target) == ["/first", "/next"], sourceLocation: sourceLocation)
        #expect(origin.requests.map(\.connection) == [1, 2], sourceLocation: sourceLocation)
    }

    @Test(arguments: ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PURGE"])
    func `a connection that spoke while it rested is not used for the next request`(_ method: String) throws {
        try rest(then: Self.poison, next: method)
    }

    @Test(arguments: ["GET", "POST"], [true, false])
    func `a 408 that ends a resting connection answers nobody`(_ method: String, _ closes: Bool) throws {
        let farewell = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        try rest(then: farewell, closes: closes, next: method)
    }

    @Test(arguments: announced + unannounced, ["GET", "POST"])
    func `a body nobody may send does not wait for the next request`(
        _ answer: Bodiless,
        _ next: String
    ) throws {
        try rest(after: answer.method, answeredBy: answer.head, then: Self.poison, next: next)
    }

    @Test(arguments: announced + unannounced)
    func `a body that comes with the head that forbids it reaches no other client`(
        _ answer: Bodiless
    ) throws {
        try keepApart(answer, [.send(answer.head + Self.poison)])
    }

    // What comes later without a word of it in the head cannot be told from an answer that comes early.
    @Test(arguments: announced)
    func `a body that comes behind the head that forbids it reaches no other client`(
        _ answer: Bodiless
    ) throws {
        try keepApart(answer, [.send(answer.head), .send(Self.poison)])
    }

    /// Has one client ask for answers without a body and another one at the same time for real ones.
    private func keepApart(
        _ answer: Bodiless,
        _ actions: [PeerAction],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let origin = try ScriptedPeer { request in
            request.target == "/bodiless" ? actions : [.send(answerText("real"))]
        }
        let flags = ["--workers", "1", "--access-log", "off"]
        // One worker, so that both clients draw from one pool.
        try withBalancer([origin.endpoint], flags, sourceLocation: sourceLocation) { balancer throws in
            let port = balancer.port
            let seen = concurrently(2) { index -> Set<String> in
                guard let client = try? RawClient(to: port) else { return ["no connection"] }
                let method = index == 0 ? answer.method : "GET"
                let text = requestText(method, index == 0 ? "/bodiless" : "/real")
                var seen: Set<String> = []
                for _ in 0..<150 {
                    guard (try? client.send(text)) != nil,
                        let response = client.readOutcome(to: method).response
                    else { return seen.union(["no answer"]) }
                    seen.insert("\(response.status) \(response.text)")
                }
                return seen
            }
            #expect(seen[0] == ["\(answer.status.prefix(3)) "], sourceLocation: sourceLocation)
            #expect(seen[1] == ["200 real"], sourceLocation: sourceLocation)
        }
    }
}
