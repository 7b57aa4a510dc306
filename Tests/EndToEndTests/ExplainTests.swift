import TestSupport
import Testing

/// `swerve explain`: why a client lands where it lands.
@Suite struct ExplainTests {
    private static let backends = [
        "--backend", "10.0.0.1:80", "--backend", "10.0.0.2:80", "--backend", "b:81",
    ]

    @Test func `the answer is that of the published hash`() throws {
        let result = try runToEnd(["explain", "--client", "::ffff:203.0.113.7"] + Self.backends)
        #expect(result.status == .code(0) && result.errors.isEmpty)
        #expect(
            result.output == """
                key       203.0.113.7
                hash      0x8fcf70e0 = 2412736736, 32-bit FNV-1a of the key
                backends  3
                index     2 = 2412736736 mod 3
                backend   b:81, its own
                order     2  b:81         alive
                          0  10.0.0.1:80  alive
                          1  10.0.0.2:80  alive

                """
        )
    }

    @Test(arguments: [
        ("0,1", "10.0.0.1:80, the next one alive after b:81"),
        ("1", "10.0.0.2:80, the next one alive after b:81"),
        ("http://10.0.0.2:80,B:81", "b:81, its own"),
        ("none", "none: nobody is alive, so the client gets 503"),
    ])
    func `who is alive can be said`(_ alive: String, _ verdict: String) throws {
        let result = try runToEnd(["explain", "--client", "203.0.113.7", "--alive", alive] + Self.backends)
        #expect(result.status == .code(0) && result.output.contains("\nbackend   \(verdict)\n"), "\(result)")
    }

    @Test func `a running balancer agrees`() throws {
        let origins = try (0..<3).map { try Origin.ok("backend \($0)") }
        let folder = try TemporaryFolder()
        let list = origins.map { "\"\($0.endpoint)\"" }.joined(separator: ", ")
        let path = try folder.write("backend = [\(list)]\n", to: "swerve.toml")
        let balancer = try Balancer(backends: [], flags: ["--config", path])
        for client in PlacementReference.clients(6) {
            let result = try runToEnd(["explain", "--client", client, "--config", path])
            let name = try #require(
                try balancer.get(from: client).text.split(separator: " ").last.flatMap { Int($0) }
            )
            #expect(result.output.contains("\nbackend   \(origins[name].endpoint), its own\n"))
        }
    }

    @Test(
        arguments: [
            (
                ["--client", "10.1.2.3:80"], 64,
                "--client \"10.1.2.3:80\": a client is an IP address without a port"
            ),
            (
                ["--client", "fe80::1"], 64,
                "--client \"fe80::1\": a link-local address belongs to an interface"
            ),
            (
                ["--client", "::1", "--alive", "0,3"], 64,
                "--alive \"3\": there is no such backend; write positions from 0 to 2"
            ),
            (["--client", "::1", "--alive", ""], 64, "--alive \"\": there is no such backend"),
            (["--client", "::1", "--backend", "x"], 64, "--backend \"x\": the port is missing"),
            (
                ["--client", "::1", "--admin", "127.0.0.1:1", "--alive", "0"], 64,
                "--alive is not taken with --admin"
            ),
            (["--client", "::1", "--admin", "nowhere"], 64, "--admin \"nowhere\": "),
            (["--client", "::1", "--config", "/nowhere"], 0, ""),
        ] as [([String], Int32, String)]
    )
    func `what cannot be explained is said`(_ arguments: [String], _ status: Int32, _ message: String) throws
    {
        let result = try runToEnd(["explain"] + Self.backends + arguments)
        #expect(result.status == .code(status))
        #expect(result.errors.hasPrefix(message.isEmpty ? "" : "swerve: \(message)"), "\(result.errors)")
    }

    @Test func `without backends there is nothing to explain`() throws {
        let result = try runToEnd(["explain", "--client", "::1"])
        #expect(result.status == .code(64) && result.errors.hasPrefix("swerve: --backend is missing"))
    }

    @Test func `a running instance is asked where its address is given`() throws {
        let admin = try ScriptedPeer { request in
            request.target == "/explain?client=fe80%3A%3A1%25eth0"
                ? [.answer(body: "key       fe80::1%eth0\nbackend   a:1\n")]
                : [.answer("400 Bad Request", body: "no \u{1b} such client\n")]
        }
        let good = try runToEnd([
            "explain", "--client", "fe80::1%eth0", "--admin", "http://\(admin.endpoint)/",
        ])
        #expect(good.status == .code(0) && good.output == "key       fe80::1%eth0\nbackend   a:1\n")
        let bad = try runToEnd(["explain", "--client", "::1", "--admin", admin.endpoint])
        #expect(bad.status == .code(1))
        #expect(
            bad.errors == "swerve: the instance answered with status 400: \"no \\u{1b} such client\"\n"
        )
    }

    @Test func `the running instance knows who is alive`() throws {
        let origins = try (0..<3).map { try Origin.ok("backend \($0)") }
        let names = origins.map(\.endpoint)
        let client = PlacementReference.client(of: 1, among: 3)
        try withBalancer(names, ["--admin", "127.0.0.1:0"]) { balancer throws in
            let ask = ["explain", "--client", client, "--admin", "http://127.0.0.1:\(balancer.adminPort)"]
            let own = try runToEnd(ask)
            #expect(
                own.status == .code(0) && own.output.contains("\nbackend   \(names[1]), its own\n"),
                "\(own)"
            )
            #expect(try balancer.admin("POST", "/drain?backend=\(names[1])").status == 200)
            let other = try runToEnd(ask).output
            #expect(other.contains("\nbackend   \(names[2]), the next one alive after \(names[1])\n"))
            #expect(other.contains("\norder     1  \(names[1])  draining\n"))
            #expect(try balancer.get(from: client).text == "backend 2")
        }
    }

    @Test func `the admin listener says what it cannot explain`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--admin", "127.0.0.1:0"]) { balancer throws in
            let example = "for example"
            #expect(
                try balancer.admin("GET", "/explain")
                    == AdminAnswer(400, "name a client, \(example) GET /explain?client=10.1.2.3\n")
            )
            let sentence = "a client is an IP address without a port, \(example) 10.1.2.3 or 2001:db8::1"
            #expect(
                try balancer.admin("GET", "/explain?client=%1B%0A")
                    == AdminAnswer(400, "client \"\\u{1b}\\n\": \(sentence)\n")
            )
            #expect(try balancer.admin("POST", "/explain?client=%3A%3A1").status == 405)
            let answer = try balancer.admin("GET", "/explain?client=%3A%3A1")
            #expect(
                answer.status == 200
                    && answer.text.hasPrefix("key       ::1\nhash      0x15bec48c = 364823692")
            )
        }
    }
}
