import Glibc
import TestSupport
import Testing

/// One line an exchange, whatever the client wrote into it, and never at the cost of traffic.
@Suite struct LogTests {
    @Test func `a line names everything about an exchange`() throws {
        let origin = try Origin.fixed(answerText("hello world!"))
        try withBalancer(origin) { balancer throws in
            let text = requestText("PUT", "/x?y=1", ["User-Agent: curl/7", "Content-Length: 0"])
            #expect(try balancer.exchange(text, from: "127.3.2.1").status == 200)
            let line = try #require(balancer.waitForAccessLine(path: "/x?y=1")).text
            let start = "[INSPECT] Method: PUT | Path: /x?y=1 | User-Agent: curl/7 | Client: 127.3.2.1"
            let rest = " | Backend: \(origin.endpoint) | Status: 200 | Bytes: 12 | Time: "
            #expect(line.hasPrefix(start + rest))
            #expect(line.dropFirst((start + rest).count).wholeMatch(of: /[0-9.]+(ns|µs|us|ms|s)/) != nil)
        }
    }

    @Test func `each exchange has one line`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            try client.send((1...20).map { requestText("GET", "/\($0)") }.joined())
            for _ in 1...20 { #expect(try client.readResponse().status == 200) }
            #expect(balancer.waitForAccessLine(path: "/20") != nil)
            #expect(balancer.accessLines.map(\.path) == (1...20).map { "/\($0)" })
        }
    }

    @Test(arguments: ["a\"b", "a\tb", "a\u{80}b", "a | Status: 999"])
    func `what a client calls itself cannot forge a line`(_ name: String) throws {
        let origin = try Origin.ok()
        try withBalancer(origin) { balancer throws in
            #expect(
                try balancer.exchange(requestText("GET", "/forged", ["User-Agent: \(name)"])).status == 200
            )
            let line = try #require(balancer.process.output.waitForLine { $0.contains("/forged") })
            #expect(!line.contains("a\"b"))
            #expect(!line.unicodeScalars.contains { $0.value < 32 || (127..<160).contains($0.value) })
            #expect(line.hasPrefix("[INSPECT] Method: GET | Path: /forged | User-Agent: "))
            #expect(line.contains(" | Status: 200 | "))
            #expect(balancer.process.output.lines.count == 1)
        }
    }

    @Test(arguments: ["/a\"b", "/a|b", "/a\u{80}b"])
    func `a target cannot forge a line`(_ target: String) throws {
        let origin = try Origin.ok()
        try withBalancer(origin) { balancer throws in
            let status = try balancer.exchange(requestText("GET", target)).status
            #expect([200, 400].contains(status))
            #expect(try balancer.get("/end").status == 200)
            #expect(balancer.waitForAccessLine(path: "/end") != nil)
            for line in balancer.process.output.lines {
                #expect(!line.contains("/a\"b"))
                #expect(!line.unicodeScalars.contains { $0.value < 32 || (127..<160).contains($0.value) })
            }
        }
    }

    @Test func `a log that is off prints nothing`() throws {
        let origin = try Origin.ok()
        let balancer = try Balancer(backends: [origin.endpoint], flags: ["--access-log", "off"])
        #expect(try balancer.get().status == 200)
        #expect(balancer.stop() == .code(0))
        #expect(balancer.process.output.waitForEnd())
        #expect(balancer.process.output.text.isEmpty)
    }

    @Test func `every line is out before the process is`() throws {
        let origin = try Origin.ok()
        let balancer = try Balancer(backends: [origin.endpoint])
        for number in 1...50 { #expect(try balancer.get("/\(number)").status == 200) }
        #expect(balancer.stop() == .code(0))
        #expect(balancer.process.output.waitForEnd())
        #expect(balancer.accessLines.count == 50)
    }

    @Test func `a log may be a file, and it is appended to`() throws {
        let origin = try Origin.ok()
        try withTemporaryFile(Array("earlier\n".utf8)) { path throws in
            let balancer = try Balancer(backends: [origin.endpoint], flags: ["--access-log", path])
            #expect(try balancer.get("/filed").status == 200)
            #expect(balancer.stop() == .code(0))
            let lines = String(decoding: try readWholeFile(path), as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines.first == "earlier")
            #expect(lines.last.flatMap { AccessLine(String($0)) }?.path == "/filed")
            #expect(balancer.process.output.text.isEmpty)
        }
    }

    @Test func `a reader of the log that stalls blocks no traffic`() throws {
        let origin = try Origin.ok()
        let balancer = try Balancer(backends: [origin.endpoint], output: .unread)
        let client = try RawClient(to: balancer.port)
        // Far more than a pipe holds.
        let path = "/" + String(repeating: "x", count: 2000)
        for _ in 0..<400 {
            #expect(try client.exchange(requestText("GET", path)).status == 200)
        }
        #expect(balancer.stop(.terminate, within: .seconds(20)) != nil)
    }

    @Test func `a reader of the log that goes away ends nothing`() throws {
        let origin = try Origin.ok()
        let balancer = try Balancer(backends: [origin.endpoint], output: .closed)
        for _ in 0..<20 { #expect(try balancer.get().status == 200) }
        #expect(balancer.isRunning)
    }
}

/// Makes a file for the length of `body`.
func withTemporaryFile(_ content: [UInt8], _ body: (String) throws -> Void) throws {
    var template = Array("/tmp/swerve-test-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    try #require(descriptor >= 0)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    let written = content.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
    try #require(written == content.count)
    try body(path)
}
