import TestSupport
import Testing

/// An answer whose end is the end of its connection is only whole when that end was in order.
@Suite struct TruncationTests {
    /// How a body in chunks ends that is whole.
    private static let lastChunk = "0\r\n\r\n"

    /// The last bytes of an answer, for the eye.
    private func tail(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.suffix(20), as: UTF8.self)
    }

    @Test(arguments: ["HTTP/1.1", "HTTP/1.0"])
    func `a reset that a write to the origin meets first is still no end of an answer`(
        _ version: String
    ) throws {
        let late = (0..<8).map { _ in Gate() }
        let origin = try ScriptedPeer(trigger: .head) { request in
            let gate = late[Int(request.target.dropFirst()) ?? 0]
            return [.send("HTTP/1.1 200 OK\r\n\r\npartial"), .wait(gate), .reset]
        }
        try withBalancer(origin) { balancer throws in
            // More than once, because which of the two the balancer sees first is not for the test to say.
            for number in 0..<8 {
                let client = try RawClient(to: balancer.port)
                let fields = "Host: example.test\r\nContent-Length: 100000"
                try client.send("POST /\(number) \(version)\r\n\(fields)\r\n\r\nabc")
                #expect(try client.readHead().status == 200)
                try balancer.whileFrozen {
                    try client.send(String(repeating: "x", count: 100))
                    late[number].open()
                    #expect(origin.waitForEnd(of: number + 1) != nil)
                }
                let (rest, ending) = client.readToEnd()
                #expect(ending != .timedOut)
                #expect(!tail(rest).hasSuffix(Self.lastChunk))
                if version == "HTTP/1.0" { #expect(ending == .reset) }
            }
        }
    }

    @Test func `an answer that is reset while the client uploads is never whole`() throws {
        let origin = try ScriptedPeer(trigger: .head) { _ in
            [
                .send("HTTP/1.1 200 OK\r\n\r\npartial"), .run { _ = try $0.read(exactly: 500_000) }, .reset,
            ]
        }
        try withBalancer(origin) { balancer throws in
            for _ in 0..<20 {
                let client = try RawClient(to: balancer.port)
                try client.send(requestText("POST", "/", ["Content-Length: 100000000"], body: "abc"))
                onNewThread { try? client.sendPattern(100_000_000) }
                let (bytes, ending) = client.readToEnd()
                client.reset()
                #expect(ending != .timedOut)
                #expect(!tail(bytes).hasSuffix(Self.lastChunk))
            }
        }
    }

    /// An answer without end, to a client that could not tell a cut from its end.
    private static let endless: PeerScript = { _ in
        [.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks("partial")), .stall]
    }

    /// A request whose answer ends with its connection.
    private static let oldRequest = "GET / HTTP/1.0\r\nHost: example.test\r\n\r\n"

    @Test(arguments: ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"])
    func `an HTTP 1.0 client that does not read sees that its answer was cut`(_ head: String) throws {
        let isChunked = head.contains("chunked")
        let piece = String(repeating: "x", count: 1 << 16)
        let origin = try ScriptedPeer { _ in
            [
                .send(head),
                .run { connection in
                    while true { try connection.send(isChunked ? chunks(piece) : piece) }
                },
            ]
        }
        try withBalancer(origin, ["--client-body-timeout", "500ms"]) { balancer throws in
            let client = try RawClient(to: balancer.port, receiveBuffer: 16_384)
            try client.send(Self.oldRequest)
            #expect(origin.waitForEnd(of: 1) == .reset)
            #expect(client.readToEnd().ending == .reset)
        }
    }

    @Test func `an HTTP 1.0 client sees that its answer was cut when the balancer stops`() throws {
        let origin = try ScriptedPeer(Self.endless)
        let balancer = try Balancer(backends: [origin.endpoint], flags: ["--drain-timeout", "300ms"])
        let client = try RawClient(to: balancer.port)
        try client.send(Self.oldRequest)
        #expect(try client.readHead().status == 200)
        #expect(balancer.stop(.terminate) == .code(2))
        #expect(client.readToEnd().ending == .reset)
    }

    @Test func `an HTTP 1.0 client sees that its answer was cut by a second signal`() throws {
        let origin = try ScriptedPeer(Self.endless)
        let balancer = try Balancer(backends: [origin.endpoint], flags: ["--drain-timeout", "60s"])
        let client = try RawClient(to: balancer.port)
        try client.send(Self.oldRequest)
        #expect(try client.readHead().status == 200)
        balancer.process.signal(.terminate)
        #expect(eventually { (try? RawClient(to: balancer.port, patience: .seconds(1))) == nil })
        #expect(balancer.stop(.terminate) == .code(2))
        #expect(client.readToEnd().ending == .reset)
    }
}
