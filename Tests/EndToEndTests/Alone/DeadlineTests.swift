import TestSupport
import Testing

/// A limit holds on every way to the phase it limits.
@Suite struct DeadlineTests {
    @Test(arguments: ["", "abc"])
    func `a body that never comes is a 408 on a connection that was at rest, too`(_ start: String) throws {
        let dead = try RefusingAddress()
        let origin = try Origin.ok("alive")
        let flags = ["--client-body-timeout", "400ms"]
        try withBalancer([dead.endpoint, origin.endpoint], flags) { balancer throws in
            // One connection, so that both requests meet in one pool.
            let client = try RawClient(to: balancer.port, from: PlacementReference.client(of: 0, among: 2))
            #expect(try client.exchange(plainRequest).text == "alive")
            try client.send(requestText("POST", "/", ["Content-Length: 10"], body: start))
            let response = try client.readResponse(to: "POST")
            #expect(response.status == 408)
            #expect(response.announcesClose)
        }
        #expect(origin.acceptedCount == 1)
    }

    @Test(arguments: [true, false])
    func `the limit of a head holds for the first client of a balancer that waited for him`(
        _ comesAtOnce: Bool
    ) throws {
        let origin = try Origin.ok()
        let flags = ["--client-header-timeout", "500ms", "--client-idle-timeout", "4s"]
        try withBalancer(origin, flags) { balancer throws in
            pass(.milliseconds(3700))
            let client: RawClient
            if comesAtOnce {
                client = try balancer.whileFrozen {
                    let client = try RawClient(to: balancer.port)
                    try client.send("G")
                    return client
                }
            } else {
                client = try RawClient(to: balancer.port)
                pass(.milliseconds(100))
                try client.send("G")
            }
            let (outcome, took) = timed { client.readOutcome() }
            #expect(outcome.response?.status == 408, "\(outcome)")
            #expect(took < .seconds(3))
        }
    }
}
