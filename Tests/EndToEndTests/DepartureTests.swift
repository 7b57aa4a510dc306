import TestSupport
import Testing

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
