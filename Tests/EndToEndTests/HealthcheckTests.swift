import TestSupport
import Testing

/// `swerve healthcheck`: what a container's runtime asks.
@Suite struct HealthcheckTests {
    private func ask(_ arguments: [String], environment: [String: String] = [:]) throws -> String {
        let result = try runToEnd(["healthcheck"] + arguments, environment: environment)
        let status = if case .code(let code)? = result.status { "\(code)" } else { "?" }
        #expect(result.errors.isEmpty, "\(result.errors)")
        return "\(status) \(result.output)"
    }

    @Test func `readiness is the exit status, the reason one line`() throws {
        let admin = try ScriptedPeer { _ in [.answer(body: "ready\n")] }
        #expect(try ask(["--admin", admin.endpoint]) == "0 ready\n")
        #expect(try ask([], environment: ["SWERVE_ADMIN": admin.endpoint]) == "0 ready\n")
        let request = try #require(admin.requests.first)
        #expect(request.method == "GET" && request.target == "/readyz")
        #expect(request.fields.map { "\($0)" } == ["Host: \(admin.endpoint)", "Connection: close"])
        admin.answer { _ in [.answer("503 Service Unavailable", body: "draining\nand\u{7} more")] }
        #expect(try ask(["--admin", admin.endpoint]) == "1 draining\n")
    }

    @Test func `every address means the loopback`() throws {
        let admin = try ScriptedPeer { _ in [.answer(body: "ready\n")] }
        for address in [":\(admin.port)", "0.0.0.0:\(admin.port)", "http://localhost:\(admin.port)/"] {
            #expect(try ask(["--admin", address]) == "0 ready\n")
        }
    }

    @Test func `the address is found in the file, whatever else is wrong there`() throws {
        let admin = try ScriptedPeer { _ in [.answer(body: "ready")] }
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "admin = '\(admin.endpoint)'\nworkers = 'many'\nx = 1\n",
            to: "swerve.toml"
        )
        #expect(try ask(["--config", path]) == "0 ready\n")
        #expect(try ask(["--backend", "a:1"], environment: ["SWERVE_CONFIG": path]) == "0 ready\n")
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nready\r\n0\r\n\r\n", "0 ready\n"),
        ("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.0 200 OK\r\n\r\nready", "0 ready\n"),
        ("HTTP/1.1 204 No Content\r\n\r\n", "1 status 204\n"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nready", "1 the connection ended too early\n"),
        ("HTTP/1.1 200 OK\r\n", "1 the connection ended too early\n"),
        ("", "1 the connection ended too early\n"),
        ("SSH-2.0-OpenSSH_9.2p1\r\n", "1 malformed: "),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nready", "1 malformed: "),
    ])
    func `whatever answers is read strictly`(_ answer: String, _ result: String) throws {
        let admin = try ScriptedPeer { _ in [.send(answer), .close] }
        let outcome = try ask(["--admin", admin.endpoint])
        let expected = result.split(separator: " ", maxSplits: 1)
        let isAnswer = result.hasPrefix("0") || result.contains("status")
        let start = isAnswer ? result : "\(expected[0]) no answer from \(admin.endpoint): \(expected[1])"
        #expect(outcome.hasPrefix(start), "\(outcome)")
    }

    @Test func `an answer has an end`() throws {
        let admin = try ScriptedPeer { _ in
            [.send("HTTP/1.1 200 OK\r\n\r\n"), .stream(1 << 20), .close]
        }
        #expect(
            try ask(["--admin", admin.endpoint]) == "1 no answer from \(admin.endpoint): it is too long\n"
        )
    }

    @Test func `nobody is waited for longer than two seconds`() throws {
        let admin = try ScriptedPeer { _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), .stall] }
        #expect(
            try ask(["--admin", admin.endpoint]) == "1 no answer from \(admin.endpoint): none within 2s\n"
        )
    }

    @Test func `where nobody listens, the reason says so`() throws {
        let address = try RefusingAddress().endpoint
        #expect(try ask(["--admin", address]) == "1 no answer from \(address): Connection refused\n")
        #expect(try ask(["--admin", ":0"]) == "1 port 0 is none to ask; name the port that was bound\n")
        #expect(
            try ask([]) == "1 there is no admin listener to ask; name it with --admin or SWERVE_ADMIN\n"
        )
    }

    @Test func `an address that is none is a mistake in the flags`() throws {
        let result = try runToEnd(["healthcheck", "--admin", "8001"])
        #expect(result.status == .code(64))
        #expect(result.errors == "swerve: --admin \"8001\": the colon is missing; write :8001\n")
    }

    @Test func `a healthcheck asks a balancer that is ready, and one that is not`() throws {
        let refusing = try RefusingAddress()
        let flags = ["--admin", "127.0.0.1:0", "--health-interval", "100ms", "--health-fall", "1"]
        let origin = try Origin.ok()
        try withBalancer([origin.endpoint], ["--admin", "127.0.0.1:0"]) { balancer throws in
            let result = try runToEnd(["healthcheck", "--admin", "127.0.0.1:\(balancer.adminPort)"])
            #expect(result.status == .code(0) && result.output == "ready\n")
        }
        try withBalancer([refusing.endpoint], flags) { balancer throws in
            #expect(balancer.waitForLog("\(refusing.endpoint) down") != nil)
            let result = try runToEnd(["healthcheck", "--admin", "127.0.0.1:\(balancer.adminPort)"])
            #expect(
                result.status == .code(1) && result.output.hasPrefix("no backend is alive: "),
                "\(result)"
            )
        }
    }
}
