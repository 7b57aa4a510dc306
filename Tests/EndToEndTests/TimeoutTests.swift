import TestSupport
import Testing

/// Every phase has a limit, and each limit ends only what it names.
@Suite struct TimeoutTests {
    @Test func `a client that waits for its 100 is not to blame for a silent origin`() throws {
        let origin = try ScriptedPeer(trigger: .head) { _ in [.stall] }
        try withBalancer(origin, ["--response-timeout", "400ms"]) { balancer throws in
            let request = requestText("POST", "/", ["Expect: 100-continue", "Content-Length: 5"])
            #expect(try balancer.exchange(request).status == 504)
        }
    }

    @Test func `a client that got its 100 is waited for`() throws {
        let origin = try ScriptedPeer(trigger: .head) { _ in [.send("HTTP/1.1 100 Continue\r\n\r\n"), .stall]
        }
        let flags = ["--response-timeout", "400ms", "--client-body-timeout", "900ms"]
        try withBalancer(origin, flags) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(requestText("POST", "/", ["Expect: 100-continue", "Content-Length: 5"]))
            #expect(try client.readInterim().status == 100)
            #expect(try client.readResponse(to: "POST").status == 408)
        }
    }

    @Test func `an upload that takes longer than the response timeout is not a slow answer`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--response-timeout", "400ms"]) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(requestText("POST", "/", ["Content-Length: 5"]))
            for byte in "hello" {
                pass(.milliseconds(200))
                try client.send(String(byte))
            }
            #expect(try client.readResponse(to: "POST").status == 200)
        }
    }

    @Test func `a connection that is not made in time moves on`() throws {
        let silent = try UnansweringAddress()
        let origin = try Origin.ok("alive")
        try withBalancer([silent.endpoint, origin.endpoint], ["--connect-timeout", "400ms"]) {
            balancer throws in
            let client = PlacementReference.client(of: 0, among: 2)
            let (response, took) = try timed { try balancer.get(from: client) }
            #expect(response.text == "alive")
            #expect(took > .milliseconds(300))
        }
    }

    @Test func `a connection that is made nowhere in time is a gateway's failure`() throws {
        let silent = try UnansweringAddress()
        try withBalancer([silent.endpoint], ["--connect-timeout", "400ms"]) { balancer throws in
            #expect([502, 504].contains(try balancer.get().status))
        }
    }

    @Test(arguments: ["G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: example.test\r\nX-A"])
    func `a head that does not end in time is a 408`(_ start: String) throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--client-header-timeout", "400ms"]) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(start)
            let response = try client.readResponse()
            #expect(response.status == 408)
            #expect(response.announcesClose)
            #expect(client.waitForClose() == .closed)
        }
        #expect(origin.acceptedCount == 0)
    }

    @Test func `a head that comes in drops does not stretch its limit`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--client-header-timeout", "500ms"]) { balancer throws in
            let client = try RawClient(to: balancer.port)
            let result = Monitor<Outcome?>(nil)
            onNewThread {
                let outcome = client.readOutcome()
                result.access { $0 = outcome }
            }
            try client.send("GET / HTTP/1.1\r\nHost: example.test\r\nX-Padding: ")
            for _ in 0..<40 where result.read({ $0 == nil }) {
                try? client.send("x")
                pass(.milliseconds(100))
            }
            #expect(result.wait(until: .after()) { $0 }?.response?.status == 408)
        }
        #expect(origin.acceptedCount == 0)
    }

    @Test func `the limit of a head starts with its first byte`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--client-header-timeout", "300ms"]) { balancer throws in
            let client = try RawClient(to: balancer.port)
            for _ in 0..<2 {
                pass(.milliseconds(600))
                #expect(try client.exchange(plainRequest).status == 200)
            }
        }
    }

    @Test(arguments: ["Content-Length: 10", "Transfer-Encoding: chunked"])
    func `a body that stops coming is a 408`(_ framing: String) throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--client-body-timeout", "400ms"]) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(requestText("POST", "/", [framing], body: "5\r\n"))
            let response = try client.readResponse(to: "POST")
            #expect(response.status == 408)
            #expect(response.announcesClose)
            #expect(client.waitForClose() == .closed)
        }
        #expect(origin.requests.isEmpty)
    }

    @Test func `a body that keeps coming slowly is taken`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--client-body-timeout", "2s"]) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(requestText("POST", "/", ["Content-Length: 8"]))
            for _ in 0..<8 {
                pass(.milliseconds(300))
                try client.send("x")
            }
            #expect(try client.readResponse(to: "POST").status == 200)
        }
        #expect(origin.requests.first?.bodyText == "xxxxxxxx")
    }

    @Test func `a client that stops reading is let go`() throws {
        let origin = try ScriptedPeer { _ in
            [.send("HTTP/1.1 200 OK\r\nContent-Length: \(1 << 30)\r\n\r\n"), .stream(1 << 30)]
        }
        try withBalancer(origin, ["--client-body-timeout", "500ms"]) { balancer throws in
            let client = try RawClient(to: balancer.port, receiveBuffer: 4096)
            try client.send(plainRequest)
            #expect(origin.waitForEnd(of: 1) == .reset)
            client.close()
        }
    }

    @Test func `a connection that rests too long is closed without a word`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--client-idle-timeout", "400ms"]) { balancer throws in
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(plainRequest).status == 200)
            let (ending, took) = timed { client.waitForClose() }
            #expect(ending == .closed)
            #expect(took > .milliseconds(300))
        }
    }

    @Test func `a connection that never brings a byte is closed`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--client-idle-timeout", "400ms"]) { balancer throws in
            #expect(try RawClient(to: balancer.port).readToEnd().ending == .closed)
        }
    }

    @Test func `waiting for an origin is not resting`() throws {
        let gate = Gate()
        let origin = try ScriptedPeer { _ in [.wait(gate), .send(answerText("late"))] }
        try withBalancer(origin, ["--client-idle-timeout", "300ms"]) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(plainRequest)
            pass(.milliseconds(800))
            gate.open()
            #expect(try client.readResponse().text == "late")
        }
    }
}
