import Configuration
import Testing

@Suite struct ConfigurationChangeTests {
    private func change(_ old: [Setting: [String]], _ new: [Setting: [String]]) throws -> ConfigurationChange
    {
        func configuration(_ flags: [Setting: [String]]) throws -> ServerConfiguration {
            let flags = [Setting.backend: ["a:1", "b:1"]].merging(flags) { $1 }
            return try ConfigurationBuilder(flags: flags).resolve().outcome.get()
        }
        return ConfigurationChange(from: try configuration(old), to: try configuration(new))
    }

    @Test func `nothing is different`() throws {
        let change = try change([:], [.healthInterval: ["10s"]])
        #expect(change.isEmpty && change.summary == "nothing changed")
    }

    @Test func `values, lists and the next start`() throws {
        let change = try change(
            [.workers: ["2"]],
            [.backend: ["b:1", "c:1"], .healthInterval: ["5s"], .workers: ["4"], .adminToken: ["12345678"]]
        )
        #expect(
            change.summary == """
                backend +c:1 -a:1; health-interval 10s -> 5s; workers 2 -> 4 (from the next start on); \
                admin-token changed
                """
        )
        #expect(change.settings == [.backend, .healthInterval, .workers, .adminToken])
        #expect(change.needingRestart == [.workers])
    }

    @Test(arguments: [
        (["b:1", "a:1"], "backend in another order"),
        (["b:1", "c:1", "a:1"], "backend +c:1 in another order"),
        (["b:1"], "backend -a:1"), (["c:1"], "backend +c:1 -a:1 -b:1"),
        (["a:1", "c:1", "b:1"], "backend +c:1"),
        (
            ["a:1", "b:1"] + (1...10).map { "c:\($0)" },
            "backend +c:1 +c:2 +c:3 +c:4 +c:5 +c:6 +c:7 +c:8 +2 more"
        ),
    ])
    func `the order of the backends counts`(_ backends: [String], _ summary: String) throws {
        #expect(try change([:], [.backend: backends]).summary == summary)
    }

    @Test func `listeners on ports of the kernel's choice are counted`() throws {
        #expect(
            try change([.listen: ["127.0.0.1:0"]], [.listen: ["127.0.0.1:0", "127.0.0.1:0"]]).summary
                == "listen +127.0.0.1:0"
        )
    }

    @Test func `a value that could hide where it ends stands in quotes`() throws {
        #expect(
            try change([:], [.accessLog: ["/a b; c"]]).summary == "access-log - -> \"/a b; c\""
        )
    }
}
