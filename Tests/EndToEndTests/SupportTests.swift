import TestSupport
import Testing

/// The tools of the suite can tell what the other tests rely on them to tell.
@Suite struct SupportTests {
    private func outcome(_ script: @escaping PeerScript) throws -> Outcome {
        let origin = try ScriptedPeer(script)
        let client = try RawClient(to: origin.port)
        try client.send(plainRequest)
        return client.readOutcome()
    }

    @Test func `a whole answer is whole`() throws {
        let outcome = try outcome { _ in [.send(answerText("hello"))] }
        #expect(outcome.response?.text == "hello")
        #expect(!outcome.isVisiblyBroken)
    }

    @Test func `a chunked answer with trailers is taken apart`() throws {
        let outcome = try outcome { _ in
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            return [.send(head + chunks("hello ", "world") + "0\r\nSum: 11\r\n\r\n")]
        }
        #expect(outcome.response?.text == "hello world")
        #expect(outcome.response?.trailers == [HeaderField("Sum", "11")])
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nContent-Le",
    ])
    func `an answer that ends early is truncated`(_ bytes: String) throws {
        let outcome = try outcome { _ in [.send(bytes), .close] }
        guard case .truncated = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test func `a reset is not a clean end`() throws {
        let origin = try ScriptedPeer { _ in
            // The reset may overtake bytes that are still unread, so it waits until the client has them.
            [.send("HTTP/1.0 200 OK\r\n\r\nhalf"), .run { _ = try $0.read(upTo: 1) }, .reset]
        }
        let client = try RawClient(to: origin.port)
        try client.send(plainRequest)
        #expect(try client.readHead().status == 200)
        #expect(client.read(exactly: 4) == Array("half".utf8))
        try client.send("x")
        #expect(client.waitForClose() == .reset)
    }

    /// The number of a descriptor goes to the next one at once, and who still wrote to it would write to a stranger.
    @Test func `a connection that is dropped under a thread that writes to it leaves the next one alone`()
        throws
    {
        let deaf = try ScriptedPeer(trigger: .head) { _ in [.stall] }
        deaf.welcome(.ignore)
        let origin = try Origin.ok()
        for _ in 0..<20 {
            let client = try RawClient(to: deaf.port)
            let isWriting = Gate()
            onNewThread { try? client.sendPattern(100_000_000) { _ in isWriting.open() } }
            #expect(isWriting.wait(until: .after()))
            client.reset()
            let next = try RawClient(to: origin.port)
            #expect(try next.exchange(plainRequest).text == "ok")
        }
        for connection in origin.connections { #expect(connection.bytes == Array(plainRequest.utf8)) }
    }

    @Test func `a stopped origin refuses and comes back on its port`() throws {
        let origin = try Origin.ok()
        let port = origin.port
        let client = try RawClient(to: port)
        #expect(try client.exchange(plainRequest).status == 200)
        origin.stop()
        #expect(throws: SocketError.self) { try RawClient(to: port) }
        #expect(client.waitForClose() == .reset)
        try origin.restart()
        #expect(try RawClient(to: port).exchange(plainRequest).status == 200)
    }

    @Test func `an address can leave a connection unanswered`() throws {
        let address = try UnansweringAddress()
        let port = try #require(address.endpoint.split(separator: ":").last.flatMap { UInt16($0) })
        #expect(throws: SocketError.self) { try RawClient(to: port, patience: .milliseconds(300)) }
    }

    @Test func `a pattern that lost a block is noticed`() {
        var checker = PatternChecker()
        var bytes = Pattern.prefix(200_000)
        bytes.withUnsafeBytes { checker.check($0) }
        #expect(checker.firstDifference == nil)
        #expect(checker.count == 200_000)
        bytes.removeSubrange(70_000..<74_096)
        var other = PatternChecker()
        bytes.withUnsafeBytes { other.check($0) }
        #expect(other.firstDifference != nil)
    }

    @Test(arguments: [("", 0x811C_9DC5), ("a", 0xE40C_292C), ("foobar", 0xBF9C_F968)])
    func `the reference hash agrees with the published vectors`(_ text: String, _ expected: UInt32) {
        #expect(PlacementReference.hash(text) == expected)
    }
}
