import TestSupport
import Testing

/// `--log-format json`: whatever becomes of a request, its line says it in words of a closed list.
@Suite struct AccessRecordTests {
    private let json = ["--log-format", "json"]

    /// The only line, which is there a moment after the answer.
    private func record(of balancer: Balancer) -> LogRecord? {
        balancer.process.output.waitForLine { _ in true }.flatMap(LogRecord.init)
    }

    @Test func `a line names everything about an exchange`() throws {
        let origin = try Origin.fixed(answerText("hello world!"))
        try withBalancer(origin, json) { balancer throws in
            let client = try RawClient(to: balancer.port, from: "127.3.2.1")
            let fields = [
                "User-Agent: a\"b\u{e9}", "Referer: http://r/", "Cookie: secret", "Authorization: secret",
            ]
            let text = requestText("POST", "/x?y=1", fields + ["Content-Length: 5"], body: "12345")
            #expect(try client.exchange(text).status == 200)
            let line = try #require(record(of: balancer))
            #expect(
                line.names == [
                    "ts", "id", "client", "peer", "method", "host", "path", "proto", "status", "backend",
                    "tries", "picked", "in", "out", "ms", "end", "ua", "ref",
                ]
            )
            #expect(line["ts"]?.wholeMatch(of: /20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
            #expect(line["client"] == "127.3.2.1" && line["peer"] == "127.3.2.1:\(client.localPort)")
            #expect(line["method"] == "POST" && line["host"] == "example.test" && line["path"] == "/x?y=1")
            #expect(line["proto"] == "HTTP/1.1" && line.number("status") == 200)
            #expect(line["backend"] == origin.endpoint && line["picked"] == "hash")
            #expect(line.number("tries") == 1 && line.number("in") == 5 && line.number("out") == 12)
            #expect(line["end"] == "ok" && line["ua"] == "a\"b\u{e9}" && line["ref"] == "http://r/")
            let phases = try ["queue", "connect", "header"].map { try #require(line.milliseconds($0)) }
            #expect(phases.reduce(0, +) <= (line.milliseconds("total") ?? 0) + 0.01)
            #expect(!line.text.contains("secret"))
            #expect(try client.exchange(requestText("GET", "/2")).status == 200)
            let next = try #require(balancer.process.output.waitForLine { $0.contains("/2") })
            #expect(LogRecord(next)?.milliseconds("connect") == nil)
        }
    }

    /// What is done to the balancer, and what its line says of it.
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var script: PeerScript = { _ in [.send(answerText("ok"))] }
        var flags: [String] = []
        var request = requestText("GET", "/x")
        var status: Double
        var end: String
        var path: String? = "/x"
        var isSent = true
    }

    static let cases = [
        Case(
            testDescription: "closed without an answer",
            script: { _ in [.close] },
            status: 502,
            end: "reset"
        ),
        Case(
            testDescription: "nonsense",
            script: { _ in [.send("nonsense\r\n\r\n")] },
            status: 502,
            end: "bad_answer"
        ),
        Case(
            testDescription: "no answer",
            script: { _ in [.stall] },
            flags: ["--response-timeout", "300ms"],
            status: 504,
            end: "timeout_header"
        ),
        Case(
            testDescription: "half an answer",
            script: { _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), .close] },
            status: 200,
            end: "truncated"
        ),
        Case(
            testDescription: "an answer that stops",
            script: { _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), .stall] },
            flags: ["--read-timeout", "300ms"],
            status: 200,
            end: "timeout_read"
        ),
        Case(
            testDescription: "a tunnel at rest",
            script: { _ in [.send(UpgradeTests.switching), .stall] },
            flags: ["--tunnel-timeout", "300ms"],
            request: requestText("GET", "/x", upgrade),
            status: 101,
            end: "tunnel_idle"
        ),
        Case(
            testDescription: "malformed",
            request: "GET /x HTTP/1.1\r\nHost: h\r\nBad Name: x\r\n\r\n",
            status: 400,
            end: "bad_request",
            isSent: false
        ),
        Case(
            testDescription: "not HTTP",
            request: "\u{16}\u{3}\u{1}\r\n\r\n",
            status: 400,
            end: "bad_request",
            path: nil,
            isSent: false
        ),
        Case(
            testDescription: "a method that opens tunnels",
            request: "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n",
            status: 405,
            end: "unsupported",
            path: "h:1",
            isSent: false
        ),
        Case(
            testDescription: "too large",
            flags: ["--max-body", "4"],
            request: requestText("POST", "/x", ["Content-Length: 5"]),
            status: 413,
            end: "limit",
            isSent: false
        ),
        Case(
            testDescription: "too many fields",
            flags: ["--max-headers", "1"],
            request: requestText("GET", "/x", ["A: b"]),
            status: 431,
            end: "limit",
            isSent: false
        ),
        Case(
            testDescription: "half a head",
            flags: ["--client-header-timeout", "300ms"],
            request: "GET /x HTTP/1.1\r\nHos",
            status: 408,
            end: "client_timeout",
            isSent: false
        ),
        Case(
            testDescription: "half a body",
            script: { _ in [.stall] },
            flags: ["--client-body-timeout", "300ms"],
            request: requestText("POST", "/x", ["Content-Length: 5"], body: "123"),
            status: 408,
            end: "client_timeout"
        ),
    ]

    private static let upgrade = ["Connection: Upgrade", "Upgrade: websocket"]

    @Test(arguments: cases)
    func `an end has its word`(_ example: Case) throws {
        let origin = try ScriptedPeer(example.script)
        try withBalancer(origin, json + example.flags) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send(example.request)
            let line = try #require(record(of: balancer))
            #expect(line.number("status") == example.status && line["end"] == example.end)
            #expect(line["path"] == example.path)
            #expect(line["backend"] == (example.isSent ? origin.endpoint : nil))
            #expect(line.number("tries") == (example.isSent ? 1 : 0))
            #expect(line["picked"] == (example.isSent ? "hash" : nil))
            #expect(line["id"]?.wholeMatch(of: /[0-9a-f]{32}/) != nil)
            #expect(line["error"]?.isEmpty == false)
            #expect(line["client"] == "127.0.0.1")
        }
    }

    @Test func `a second attempt is told`() throws {
        let dead = try RefusingAddress()
        let origin = try Origin.ok()
        let client = PlacementReference.clients(of: 0, among: 2, 1)[0]
        try withBalancer([dead.endpoint, origin.endpoint], json) { balancer throws in
            #expect(try balancer.get("/x", from: client).status == 200)
            let line = try #require(record(of: balancer))
            #expect(line["backend"] == origin.endpoint && line["picked"] == "retry")
            #expect(line.number("tries") == 2 && line["end"] == "ok" && line["error"] == nil)
        }
    }

    @Test func `nobody to connect to, nobody alive, and the next one alive are told apart`() throws {
        let dead = try RefusingAddress()
        let origin = try Origin.ok()
        let source = PlacementReference.clients(of: 0, among: 2, 1)[0]
        let flags = json + quickHealth
        try withBalancer([dead.endpoint, origin.endpoint], flags) { balancer throws in
            #expect(balancer.waitForLog("backend \(dead.endpoint) down") != nil)
            #expect(try balancer.get("/next", from: source).status == 200)
            let text = try #require(balancer.process.output.waitForLine { $0.contains("/next") })
            let next = try #require(LogRecord(text))
            #expect(next["picked"] == "next" && next.number("tries") == 1)
            #expect(next["backend"] == origin.endpoint)
            origin.stop()
            #expect(balancer.waitForLog("backend \(origin.endpoint) down") != nil)
            #expect(try balancer.get("/none", from: source).status == 503)
            let line = try #require(balancer.process.output.waitForLine { $0.contains("/none") })
            let none = try #require(LogRecord(line))
            #expect(none["end"] == "no_backend" && none.isNull("backend") && none.number("tries") == 0)
        }
        try withBalancer([dead.endpoint], json) { balancer throws in
            #expect(try balancer.get("/x").status == 502)
            let line = try #require(record(of: balancer))
            #expect(line["end"] == "connect_fail" && line["backend"] == dead.endpoint)
        }
    }

    @Test func `a client that leaves, and one that the stop cuts, are told`() throws {
        let origin = try ScriptedPeer { _ in [.stall] }
        let balancer = try Balancer(backends: [origin.endpoint], flags: json)
        let client = try RawClient(to: balancer.port)
        try client.send(requestText("GET", "/left"))
        #expect(origin.waitForRequests(1))
        client.close()
        let left = try #require(balancer.process.output.waitForLine { $0.contains("/left") })
        #expect(LogRecord(left)?["end"] == "client_abort" && LogRecord(left)?.number("status") == 499)
        let other = try RawClient(to: balancer.port)
        try other.send(requestText("GET", "/cut"))
        #expect(origin.waitForRequests(2))
        balancer.process.signal(.terminate)
        #expect(balancer.waitForLog("stopping") != nil)
        #expect(balancer.stop() == .code(2))
        #expect(balancer.process.output.waitForEnd())
        let cut = try #require(balancer.process.output.records.last)
        #expect(cut["path"] == "/cut" && cut["end"] == "drain")
        other.close()
    }

    @Test func `a tunnel counts its bytes both ways`() throws {
        let origin = try ScriptedPeer { _ in [.send(UpgradeTests.switching), UpgradeTests.echo, .close] }
        try withBalancer(origin, json) { balancer throws in
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(UpgradeTests.upgradeRequest).status == 101)
            try client.send("hello")
            #expect(client.read(exactly: 5) == Array("hello".utf8))
            client.close()
            let line = try #require(record(of: balancer))
            #expect(line.number("status") == 101 && line.number("in") == 5 && line.number("out") == 5)
        }
    }

    @Test func `the combined format is the one that tools for nginx read`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--log-format", "combined"]) { balancer throws in
            let fields = ["User-Agent: a\"b", "Referer: http://r/"]
            #expect(try balancer.exchange(requestText("GET", "/x?y", fields)).status == 200)
            #expect(try balancer.exchange("GET /\u{7f} HTTP/1.1\r\n\r\n").status == 400)
            let line = try #require(balancer.process.output.waitForLine { $0.contains("/x?y") })
            let time = "\\[\\d\\d/[A-Z][a-z]{2}/20\\d\\d:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}\\]"
            let good = "127.0.0.1 - - \(time) \"GET /x\\?y HTTP/1.1\" 200 2 \"http://r/\" \"a\\\\x22b\""
            #expect(try line.wholeMatch(of: Regex(good)) != nil, "\(line)")
            let refused = try #require(balancer.process.output.waitForLine { $0.contains(" 400 ") })
            let bad = "127.0.0.1 - - \(time) \"GET /\\\\x7F HTTP/1.1\" 400 \\d+ \"-\" \"-\""
            #expect(try refused.wholeMatch(of: Regex(bad)) != nil, "\(refused)")
        }
    }
}
