import TestSupport
import Testing

/// Programs other people wrote get along with the balancer.
@Suite struct CurlTests {
    private static let isMissing = ExternalProgram("curl") == nil
    private static let reason: Comment = "curl is not installed"

    /// Runs curl against a path and returns what it printed.
    private func curl(
        _ balancer: Balancer,
        _ path: String,
        _ arguments: [String],
        input: [UInt8] = []
    ) throws -> ExternalProgram.Outcome {
        let program = try #require(ExternalProgram("curl"))
        let url = "http://127.0.0.1:\(balancer.port)\(path)"
        return try program.run(["-sS", "--max-time", "20"] + arguments + [url], input: input)
    }

    @Test(.disabled(if: isMissing, reason), arguments: ["--http1.0", "--http1.1"])
    func `both versions of HTTP`(_ version: String) throws {
        let origin = try Origin.echo("a")
        try withBalancer(origin) { balancer throws in
            let outcome = try curl(balancer, "/x?y", [version])
            #expect(outcome.status == .code(0), "\(outcome.errors)")
            #expect(outcome.output.contains("GET /x?y HTTP/1.1\n"))
            #expect(outcome.output.contains("X-Forwarded-For: 127.0.0.1"))
        }
    }

    /// Whether the machine has an IPv6 loopback address.
    private static let hasIPv6 =
        (try? readWholeFile("/proc/net/if_inet6")).map { String(decoding: $0, as: UTF8.self) }?
        .contains("00000000000000000000000000000001") ?? false

    @Test(.disabled(if: isMissing, reason), .enabled(if: hasIPv6, "the machine has no IPv6 loopback"))
    func `a client over IPv6 lands where the hash of its address says`() throws {
        let origins = try (0..<5).map { try Origin.echo("backend \($0)") }
        try withBalancer(origins.map(\.endpoint), ["--listen", "[::1]:0"]) { balancer throws in
            let program = try #require(ExternalProgram("curl"))
            let outcome = try program.run(["-sS", "-g", "http://[::1]:\(balancer.port)/"])
            #expect(outcome.status == .code(0), "\(outcome.errors)")
            let expected = PlacementReference.backend(of: "::1", among: 5)
            #expect(outcome.output.hasPrefix("backend \(expected)\n"))
            #expect(outcome.output.contains("X-Forwarded-For: ::1\n"))
            #expect(outcome.output.contains("Host: [::1]:\(balancer.port)\n"))
        }
    }

    @Test(.disabled(if: isMissing, reason))
    func `the upload of a file`() throws {
        let origin = try Origin.ok("thanks")
        let content = Pattern.prefix(3 << 20)
        try withTemporaryFile(content) { path throws in
            try withBalancer(origin) { balancer throws in
                let outcome = try curl(balancer, "/file", ["-T", path])
                #expect(outcome.status == .code(0), "\(outcome.errors)")
                #expect(outcome.output == "thanks")
            }
        }
        let request = try #require(origin.requests.first)
        #expect(request.method == "PUT")
        #expect(request.values("Content-Length") == ["\(content.count)"])
        #expect(request.body == content)
    }

    @Test(.disabled(if: isMissing, reason))
    func `an upload of unknown length`() throws {
        let origin = try Origin.ok("thanks")
        let content = Pattern.prefix(1 << 20)
        try withBalancer(origin) { balancer throws in
            let outcome = try curl(balancer, "/stream", ["-T", "-"], input: content)
            #expect(outcome.status == .code(0), "\(outcome.errors)")
            #expect(outcome.output == "thanks")
        }
        #expect(origin.requests.first?.values("Transfer-Encoding") == ["chunked"])
        #expect(origin.requests.first?.body == content)
    }

    @Test(.disabled(if: isMissing, reason))
    func `a question for the head only`() throws {
        let origin = try Origin.ok("four")
        try withBalancer(origin) { balancer throws in
            let outcome = try curl(balancer, "/", ["--head"])
            #expect(outcome.status == .code(0), "\(outcome.errors)")
            #expect(outcome.output.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(outcome.output.contains("Content-Length: 4\r\n"))
        }
        #expect(origin.requests.first?.method == "HEAD")
    }

    @Test(.disabled(if: isMissing, reason))
    func `an upload that waits for leave`() throws {
        let origin = try ScriptedPeer(trigger: .head) { _ in
            [.send("HTTP/1.1 100 Continue\r\n\r\n"), .readBody, .send(answerText("thanks"))]
        }
        try withBalancer(origin) { balancer throws in
            // Without the 100 curl would wait out its patience, which is set beyond the limit of the run.
            let arguments = [
                "-H", "Expect: 100-continue", "--expect100-timeout", "60", "--data-binary", "hello",
            ]
            let outcome = try curl(balancer, "/", arguments)
            #expect(outcome.status == .code(0), "\(outcome.errors)")
            #expect(outcome.output == "thanks")
        }
        #expect(origin.requests.first?.values("Expect") == ["100-continue"])
    }

    @Test(.disabled(if: isMissing, reason))
    func `several requests on one connection`() throws {
        let origin = try Origin.ok("x")
        try withBalancer(origin) { balancer throws in
            let url = "http://127.0.0.1:\(balancer.port)/"
            let outcome = try curl(balancer, "/last", ["-w", "%{num_connects}", url, url])
            #expect(outcome.status == .code(0), "\(outcome.errors)")
            #expect(outcome.output == "x1x0x0")
        }
    }

    @Test(.disabled(if: isMissing, reason))
    func `an answer that breaks off is an error`() throws {
        let origin = try ScriptedPeer { _ in
            [.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), .close]
        }
        try withBalancer(origin) { balancer throws in
            let outcome = try curl(balancer, "/", [])
            // 18 is a partial file, 56 a failure to receive.
            #expect(outcome.status == .code(18) || outcome.status == .code(56))
        }
    }
}

/// Servers other people wrote, as processes of their own.
@Suite struct RealServerTests {
    private static let isMissing = ExternalProgram("python3") == nil

    /// Starts a file server of python3 and returns it with its address.
    private func startServer() throws -> (process: ChildProcess, endpoint: String) {
        let program = try #require(ExternalProgram("python3"))
        let process = try program.start(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1"])
        let line = try #require(process.output.waitForLine { $0.hasPrefix("Serving HTTP on") })
        let port = try #require(line.firstMatch(of: /port (\d+)/)?.1)
        return (process, "127.0.0.1:\(port)")
    }

    @Test(.disabled(if: isMissing, "python3 is not installed"))
    func `a server that freezes is passed over and gets its clients back when it thaws`() throws {
        let server = try startServer()
        let origin = try Origin.ok("other")
        try withBalancer([server.endpoint, origin.endpoint], quickHealth) { balancer throws in
            let client = PlacementReference.client(of: 0, among: 2)
            #expect(try balancer.get(from: client).text.contains("Directory listing"))
            server.process.signal(.freeze)
            #expect(balancer.waitForLog("backend \(server.endpoint) down") != nil)
            #expect(try balancer.get(from: client).text == "other")
            server.process.signal(.resume)
            #expect(balancer.waitForLog("backend \(server.endpoint) up") != nil)
            #expect(try balancer.get(from: client).text.contains("Directory listing"))
        }
    }

    @Test(.disabled(if: isMissing, "python3 is not installed"))
    func `a server that is killed costs its clients nothing`() throws {
        let server = try startServer()
        let origin = try Origin.ok("other")
        try withBalancer([server.endpoint, origin.endpoint]) { balancer throws in
            let client = PlacementReference.client(of: 0, among: 2)
            #expect(try balancer.get(from: client).text.contains("Directory listing"))
            server.process.signal(.kill)
            #expect(server.process.waitForExit() == .signal(9))
            #expect(try balancer.get(from: client).text == "other")
        }
    }
}

/// A WebSocket works end to end: handshake, masked frames, closing.
@Suite struct WebSocketTests {
    /// One short unfragmented frame.
    private static func frame(_ opcode: UInt8, _ payload: [UInt8], mask: [UInt8]? = nil) -> [UInt8] {
        let head = [0x80 | opcode, UInt8(payload.count) | (mask == nil ? 0 : 0x80)]
        guard let mask else { return head + payload }
        return head + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    /// Reads masked frames and sends each back unmasked, until one closes.
    private static let echoFrames = PeerAction.run { connection in
        while true {
            let head = try connection.read(exactly: 2)
            let mask = try connection.read(exactly: 4)
            let masked = try connection.read(exactly: Int(head[1] & 0x7F))
            let payload = masked.enumerated().map { $1 ^ mask[$0 % 4] }
            try connection.send(frame(head[0] & 0x0F, payload))
            if head[0] & 0x0F == 8 { return }
        }
    }

    @Test func `frames come back as they were sent`() throws {
        // The key and the answer to it are the example of RFC 6455, section 1.3.
        let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        let agreement = [
            "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Accept: \(accept)", "", "",
        ]
        let origin = try ScriptedPeer { _ in
            [.send(agreement.joined(separator: "\r\n")), Self.echoFrames, .close]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            let fields = [
                "Upgrade: websocket", "Connection: keep-alive, Upgrade", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            ]
            let response = try client.exchange(requestText("GET", "/socket", fields))
            #expect(response.status == 101)
            #expect(response["Sec-WebSocket-Accept"] == accept)
            for text in ["hello", "", "\r\n\r\n", String(repeating: "x", count: 125)] {
                let payload = Array(text.utf8)
                try client.send(Self.frame(1, payload, mask: [0x37, 0xFA, 0x21, 0x3D]))
                #expect(client.read(exactly: 2 + payload.count) == Self.frame(1, payload))
            }
            try client.send(Self.frame(8, [3, 232], mask: [1, 2, 3, 4]))
            #expect(client.read(exactly: 4) == Self.frame(8, [3, 232]))
            #expect(client.waitForClose() == .closed)
        }
        #expect(origin.requests.first?["Sec-WebSocket-Key"] == "dGhlIHNhbXBsZSBub25jZQ==")
    }
}
