import TestSupport
import Testing

/// An answer that is longer than what the system buffers is not lost with the end of its connection.
@Suite struct LingerTests {
    /// What a client does before it reads.
    enum Delay: CaseIterable { case halfClose, pause }

    @Test(arguments: Delay.allCases)
    func `an early answer is read to its last byte`(_ delay: Delay) throws {
        // Around the size at which the last bytes wait in the balancer, the origin's part being over.
        let sizes = stride(from: 2_400_000, to: 4_400_000, by: 120_000).map { $0 }
        let origin = try ScriptedPeer(trigger: .head) { request in
            let size = Int(request.target.dropFirst()) ?? 0
            let head = "HTTP/1.1 413 Content Too Large\r\nContent-Length: \(size)\r\n\r\n"
            return [.send(head), .stream(size), .stall]
        }
        try withBalancer(origin) { balancer throws in
            let results = concurrently(sizes.count) { index -> (isOver: Bool, loss: String?) in
                let size = sizes[index]
                let request = requestText("POST", "/\(size)", ["Content-Length: 100000"], body: "abc")
                guard let client = try? RawClient(to: balancer.port, receiveBuffer: 16_384),
                    (try? client.send(request)) != nil
                else { return (false, "\(size): not sent") }
                // The line is written when the origin's part is over.
                let line = balancer.waitForAccessLine(path: "/\(size)", within: .seconds(1))
                switch delay {
                // Before that, a client that ends in the middle of his request has given it up.
                case .halfClose: if line != nil { client.halfClose() }
                case .pause: pass(.milliseconds(5500))
                }
                pass(.milliseconds(300))
                let (outcome, checker) = client.readPatternResponse()
                let isWhole = outcome.response?.status == 413 && checker.count == size
                let isRight = isWhole && checker.firstDifference == nil
                return (line != nil, isRight ? nil : "\(size): \(checker.count) bytes")
            }
            #expect(results.allSatisfy { $0 != nil })
            #expect(results.contains { $0?.isOver == true })
            #expect(results.compactMap { $0?.loss } == [])
        }
    }
}
