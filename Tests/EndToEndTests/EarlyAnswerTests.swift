import TestSupport
import Testing

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
