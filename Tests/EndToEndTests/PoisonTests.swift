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
