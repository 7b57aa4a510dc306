import TestSupport
import Testing

/// What a stop means to upgraded connections.
@Suite struct GoodbyeTests {
    @Test func `a WebSocket is told on both sides, between two frames`() throws {
        let gate = Gate()
        let frame: [UInt8] = [0x82, 0x04, 1, 2, 3, 4]
        let origin = try ScriptedPeer { _ in
            [
                .send(UpgradeTests.switching), .bytes(Array(frame[..<3])), .wait(gate),
                .bytes(Array(frame[3...])),
                .run { connection in while try connection.read(upTo: .max) != nil {} }, .close,
            ]
        }
        let balancer = try Balancer(backends: [origin.endpoint], flags: ["--drain-timeout", "8s"])
        let client = try RawClient(to: balancer.port)
        #expect(try client.exchange(UpgradeTests.upgradeRequest).status == 101)
        #expect(client.read(exactly: 3) == Array(frame[..<3]))
        balancer.process.signal(.terminate)
        balancer.waitForLog("upgraded connections are told")
        gate.open()
        #expect(client.read(exactly: 3) == Array(frame[3...]))
        #expect(client.read(exactly: 4) == [0x88, 0x02, 0x03, 0xE9])
        #expect(client.waitForClose() == .closed)
        #expect(eventually { origin.connections[0].bytes.suffix(8) == [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE9] })
        client.close()
        #expect(balancer.process.waitForExit(within: .seconds(20)) == .code(0))
    }

    @Test func `any other protocol is left alone until the limit`() throws {
        let switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n"
        let origin = try ScriptedPeer { _ in [.send(switching), UpgradeTests.echo, .close] }
        let balancer = try Balancer(backends: [origin.endpoint], flags: ["--drain-timeout", "2s"])
        let client = try RawClient(to: balancer.port)
        let request = requestText("GET", "/", ["Connection: Upgrade", "Upgrade: other"])
        #expect(try client.exchange(request).status == 101)
        balancer.process.signal(.terminate)
        balancer.waitForLog("upgraded connections are told")
        try client.send("still")
        #expect(client.read(exactly: 5) == Array("still".utf8))
        #expect(client.waitForClose() != nil)
        #expect(balancer.process.waitForExit(within: .seconds(20)) == .code(2))
    }
}
