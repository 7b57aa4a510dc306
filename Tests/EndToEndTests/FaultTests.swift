import TestSupport
import Testing

/// A backend that breaks never looks like one that answered, and never hurts the next client.
@Suite struct FaultTests {
    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\r\n", "garbage\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 99 Low\r\n\r\n", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", "200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : 1\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "\u{16}\u{3}\u{1}\0\u{5}hello",
    ])
    func `an answer without a proper head is a 502`(_ bytes: String) throws {
        let origin = try ScriptedPeer { request in
            request.target == "/broken" ? [.send(bytes), .close] : [.send(answerText("fine"))]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            let response = try client.exchange(requestText("GET", "/broken"))
            #expect(response.status == 502)
            #expect(!response.text.isEmpty)
            if !response.announcesClose { #expect(try client.exchange(plainRequest).text == "fine") }
            #expect(try balancer.get("/fine").text == "fine")
            let line = try #require(balancer.waitForAccessLine(path: "/broken"))
            #expect(line.status == 502)
        }
    }

    @Test func `a failure has no body when only the head was asked for`() throws {
        let origin = try ScriptedPeer { request in
            request.method == "HEAD" ? [.send("garbage\r\n\r\n"), .close] : [.send(answerText("fine"))]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            let response = try client.exchange(requestText("HEAD", "/"))
            #expect(response.status == 502)
            if response.announcesClose {
                #expect(client.waitForClose() == .closed)
            } else {
                #expect(try client.exchange(plainRequest).text == "fine")
            }
        }
    }

    @Test func `a head over the limit is a 502`() throws {
        let field = "X-Large: " + String(repeating: "x", count: 70_000)
        let origin = try ScriptedPeer { request in
            [.send(answerText("fine", request.target == "/large" ? [field] : []))]
        }
        try withBalancer(origin) { balancer throws in
            #expect(try balancer.get("/large").status == 502)
            #expect(try balancer.get("/fine").text == "fine")
        }
    }

    /// Answers that end in the middle, and whether the end is a reset.
    static let brokenAnswers: [(String, Bool)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nha", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzzz\r\n", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalfmore\r\n0\r\n\r\n", false),
        ("HTTP/1.1 200 OK\r\n\r\nhalf", true),
    ]

    /// An origin that breaks off only once the client has the first bytes.
    ///
    /// A reset that comes with them may overtake them, and then it is a fault before the head.
    private func breakingOrigin(_ bytes: String, _ isReset: Bool, _ gate: Gate) throws -> ScriptedPeer {
        try ScriptedPeer { request in
            guard request.target == "/broken" else { return [.send(answerText("fine"))] }
            return [.send(bytes), .wait(gate), isReset ? .reset : .close]
        }
    }

    @Test(arguments: brokenAnswers)
    func `an answer that breaks off is visibly not whole`(_ bytes: String, _ isReset: Bool) throws {
        let gate = Gate()
        let origin = try breakingOrigin(bytes, isReset, gate)
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(requestText("GET", "/broken"))
            let head = try client.readHead()
            #expect(head.status == 200)
            gate.open()
            let (rest, ending) = client.readToEnd()
            #expect(ending != .timedOut)
            #expect(!String(decoding: rest, as: UTF8.self).hasSuffix("0\r\n\r\n"))
            #expect(rest.count < 100)
            for _ in 0..<2 { #expect(try balancer.get().text == "fine") }
        }
    }

    @Test(arguments: brokenAnswers)
    func
        `an HTTP 1.0 client sees a reset where the end of the connection would look like the end of the answer`(
            _ bytes: String,
            _ isReset: Bool
        ) throws
    {
        let gate = Gate()
        let origin = try breakingOrigin(bytes, isReset, gate)
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send("GET /broken HTTP/1.0\r\nHost: example.test\r\n\r\n")
            let head = try client.readHead()
            gate.open()
            let (body, ending) = client.readToEnd()
            #expect(
                ending == .reset || (ending == .closed && head["Content-Length"] == "100" && body.count < 100)
            )
        }
    }

    @Test func `a body longer than it said is cut at its length and its connection retired`() throws {
        let origin = try ScriptedPeer { _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokpoison")] }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            for _ in 0..<3 { #expect(try client.exchange(plainRequest).text == "ok") }
        }
        #expect(origin.requests.map(\.connection) == [1, 2, 3])
    }
}

/// A client that leaves takes its upstream exchange with it.
@Suite struct DepartureTests {
    /// How a client leaves.
    enum Departure: CaseIterable { case close, reset }

    private func leave(_ client: RawClient, _ departure: Departure) {
        switch departure {
        case .close: client.close()
        case .reset: client.reset()
        }
    }

    @Test(arguments: Departure.allCases)
    func `a client that leaves while waiting cancels the exchange`(_ departure: Departure) throws {
        let origin = try ScriptedPeer { request in
            request.target == "/long" ? [.stall] : [.send(answerText("next"))]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(requestText("GET", "/long"))
            #expect(origin.waitForRequests(1))
            leave(client, departure)
            #expect(origin.waitForEnd(of: 1) != nil)
            let line = try #require(balancer.waitForAccessLine(path: "/long"))
            #expect(line.status == 499)
            #expect(line.backend == origin.endpoint)
            #expect(try balancer.get("/next").text == "next")
        }
        #expect(origin.requests.map(\.connection) == [1, 2])
    }

    @Test(arguments: Departure.allCases)
    func `a client that leaves during the answer cancels the exchange`(_ departure: Departure) throws {
        let origin = try ScriptedPeer { request in
            guard request.target == "/long" else { return [.send(answerText("next"))] }
            return [.send("HTTP/1.1 200 OK\r\nContent-Length: \(1 << 30)\r\n\r\n"), .stream(1 << 30)]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(requestText("GET", "/long"))
            #expect(try client.readHead().status == 200)
            leave(client, departure)
            #expect(origin.waitForEnd(of: 1) == .reset)
            #expect(balancer.waitForAccessLine(path: "/long")?.status == 499)
            #expect(try balancer.get("/next").text == "next")
        }
        #expect(origin.requests.map(\.connection) == [1, 2])
    }

    @Test(arguments: Departure.allCases)
    func `a client that leaves during its upload cancels the exchange`(_ departure: Departure) throws {
        let origin = try ScriptedPeer(trigger: .head) { request in
            request.target == "/long" ? [.stall] : [.send(answerText("next"))]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(requestText("POST", "/long", ["Content-Length: 1000"], body: "start"))
            #expect(origin.waitForRequests(1))
            leave(client, departure)
            #expect(origin.waitForEnd(of: 1) != nil)
            #expect(balancer.waitForAccessLine(path: "/long")?.status == 499)
            #expect(try balancer.get("/next").text == "next")
        }
        #expect(origin.requests.map(\.connection) == [1, 2])
    }
}

/// An answer may come before the request is complete.
@Suite struct EarlyAnswerTests {
    @Test(arguments: [true, false])
    func `an early answer is forwarded and then the connection ends in good order`(_ closes: Bool) throws {
        let origin = try ScriptedPeer(trigger: .head) { _ in
            let early = "HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n\r\nno more"
            return [.send(early), closes ? .close : .stall]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(requestText("POST", "/", ["Content-Length: \(8 << 20)"]))
            // The client goes on sending into an answer that is already on its way.
            try? client.sendPattern(1 << 20)
            let response = try client.readResponse(to: "POST")
            #expect(response.status == 403)
            #expect(response.text == "no more")
            #expect(response.announcesClose)
            client.halfClose()
            #expect(client.waitForClose() != .timedOut)
        }
    }

    @Test func `a client that never stops uploading is not listened to for ever`() throws {
        let origin = try ScriptedPeer(trigger: .head) { _ in
            [.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"), .stall]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(requestText("POST", "/", ["Content-Length: \(1 << 40)"]))
            #expect(try client.readResponse(to: "POST").status == 403)
            let piece = [UInt8](repeating: 120, count: 1000)
            let (isCut, took) = timed {
                eventually(within: .seconds(40)) { (try? client.send(piece)) == nil }
            }
            #expect(isCut)
            #expect(took < .seconds(35))
        }
    }

    @Test func `what is left of the body is not the next request`() throws {
        let origin = try ScriptedPeer(trigger: .head) { _ in
            [.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"), .stall]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(requestText("POST", "/", ["Content-Length: 1000"]))
            #expect(try client.readResponse(to: "POST").status == 403)
            try? client.send(requestText("GET", "/smuggled"))
            client.halfClose()
            #expect(client.waitForClose() != nil)
        }
        #expect(origin.requests.map(\.target) == ["/"])
    }
}
