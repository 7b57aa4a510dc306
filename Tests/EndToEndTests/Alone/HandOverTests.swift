import TestSupport
import Testing

/// One process takes over from another on the same port, and nobody notices.
@Suite(.serialized) struct HandOverTests {
    private static func flags(_ port: UInt16) -> [String] {
        ["--listen", "127.0.0.1:\(port)", "--reuse-port", "on"]
    }

    @Test func `without the flag a second process does not start on a port that is taken`() throws {
        let origin = try Origin.ok()
        let first = try Balancer(backends: [origin.endpoint], flags: Self.flags(0))
        #expect(throws: BalancerError.self) {
            try Balancer(backends: [origin.endpoint], flags: ["--listen", "127.0.0.1:\(first.port)"])
        }
    }

    /// Clients that come one connection for each request, and others that keep theirs, through several take-overs.
    @Test func `no request is lost when processes replace each other under load`() throws {
        let origin = try Origin.ok()
        let isOver = Gate()
        var present = try Balancer(backends: [origin.endpoint], flags: Self.flags(0))
        let port = present.port
        let tally = Monitor((served: 0, failures: [String]()))
        for worker in 0..<4 {
            onNewThread { Self.load(port, keepsAlive: worker < 2, until: isOver, tally) }
        }
        for _ in 0..<3 {
            let before = tally.read { $0.served }
            _ = tally.wait(until: .after()) { $0.served > before + 200 ? true : nil }
            let next = try Balancer(backends: [origin.endpoint], flags: Self.flags(port))
            #expect(present.stop(within: .seconds(60)) == .code(0))
            #expect(present.logLines("another process takes over the port").count == 1)
            present = next
        }
        let before = tally.read { $0.served }
        #expect(tally.wait(until: .after()) { $0.served > before + 200 ? true : nil } == true)
        isOver.open()
        #expect(tally.read { $0.failures } == [])
    }

    /// Sends requests until told to stop; a connection that was announced to close is made anew.
    static func load(
        _ port: UInt16,
        keepsAlive: Bool,
        until isOver: Gate,
        _ tally: Monitor<(served: Int, failures: [String])>
    ) {
        var client: RawClient?
        while !isOver.isOpen {
            do {
                let connection = try client ?? RawClient(to: port)
                let response = try connection.exchange(plainRequest)
                client = keepsAlive && !response.announcesClose ? connection : nil
                tally.access {
                    $0.served += 1
                    if response.status != 200 { $0.failures.append("status \(response.status)") }
                }
            } catch {
                client = nil
                tally.access { $0.failures.append("\(error)") }
            }
        }
    }
}
