import TestSupport
import Testing

/// Interim answers and tunnels end where they should.
@Suite struct AgreementTests {
    @Test func `a tunnel ends when the origin is gone, though its own direction had ended before`() throws {
        let gone = Gate()
        let origin = try ScriptedPeer { _ in
            [.send(UpgradeTests.switching), .run { $0.shutDownWriting() }, .wait(gone), .reset]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(UpgradeTests.upgradeRequest).status == 101)
            #expect(client.waitForClose() == .closed)
            gone.open()
            #expect(origin.waitForEnd(of: 1) != nil)
            let isRefused = eventually {
                pass(.milliseconds(20))
                return (try? client.send("still here")) == nil
            }
            #expect(isRefused)
            #expect(balancer.waitForAccessLine(path: "/chat")?.status == 101)
        }
    }

    @Test(arguments: [
        ["103 Early Hints\r\nLink: </a>"], ["100 Continue"], ["103 Early Hints", "102 Processing"],
    ])
    func `a probe waits for the answer behind interim ones`(_ interim: [String]) throws {
        let origin = try Origin.ok()
        let answers = (interim + ["200 OK\r\nContent-Length: 0"]).map { "HTTP/1.1 \($0)\r\n\r\n" }
        origin.answerProbes { _ in [.send(answers.joined()), .stall] }
        try withBalancer([origin.endpoint], quickHealth) { balancer throws in
            #expect(origin.waitForProbes(6))
            #expect(balancer.logLines(" down ") == [])
            #expect(try balancer.get().status == 200)
        }
    }
}
