import TestSupport
import Testing

/// Requests sent at once are all answered, whoever answers them, or visibly not taken.
@Suite struct PipeliningTests {
    /// Sends one request, so many more at once and one more after their answers, and returns the statuses.
    private func statuses(
        of request: String,
        _ count: Int,
        at balancer: Balancer
    ) throws -> [Int] {
        let client = try RawClient(to: balancer.port)
        let method = String(request.prefix { $0 != " " })
        let all = [UInt8](String(repeating: request, count: count).utf8)
        var statuses = [try client.exchange(request).status]
        onNewThread { try? client.send(all) }
        for _ in 0..<count {
            statuses.append(try client.readResponse(to: method).status)
        }
        statuses.append(try client.exchange(request).status)
        return statuses
    }

    @Test(arguments: [2, 5, 4000])
    func `requests sent at once are all told that no backend is alive`(_ count: Int) throws {
        let dead = try RefusingAddress()
        try withBalancer([dead.endpoint], quickHealth + ["--access-log", "off"]) { balancer throws in
            #expect(balancer.waitForLog("backend \(dead.endpoint) down") != nil)
            let statuses = try statuses(of: plainRequest, count, at: balancer)
            #expect(statuses == Array(repeating: 503, count: count + 2))
        }
    }

    @Test(arguments: ["OPTIONS", "TRACE"], [2, 5, 4000])
    func `requests sent at once are all answered by the balancer itself`(
        _ method: String,
        _ count: Int
    ) throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--access-log", "off"]) { balancer throws in
            let request = requestText(method, "/", ["Max-Forwards: 0"])
            let statuses = try statuses(of: request, count, at: balancer)
            #expect(statuses == Array(repeating: 200, count: count + 2))
        }
        #expect(origin.acceptedCount == 0)
    }

    @Test func `a request behind one that the balancer answers itself reaches its backend`() throws {
        let origin = try Origin.ok("origin")
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(plainRequest).text == "origin")
            try client.send(requestText("OPTIONS", "/", ["Max-Forwards: 0"]) + plainRequest)
            #expect(try client.readResponse(to: "OPTIONS").status == 200)
            #expect(try client.readResponse().text == "origin")
        }
    }

    @Test func `requests sent at once are all told that every backend refuses`() throws {
        let dead = try (0..<2).map { _ in try RefusingAddress() }
        try withBalancer(dead.map(\.endpoint)) { balancer throws in
            #expect(try statuses(of: plainRequest, 4, at: balancer) == Array(repeating: 502, count: 6))
        }
    }

    @Test func `a request is not carried out for a client that can no longer get the answer`() throws {
        // Around the size at which the end of an answer waits in the balancer, the origin's part being over.
        let sizes = stride(from: 2_400_000, to: 4_400_000, by: 60_000).map { $0 }
        let origin = try ScriptedPeer { request in
            guard let size = Int(request.target.dropFirst()) else { return [.send(answerText("paid"))] }
            return [.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n"), .stream(size)]
        }
        try withBalancer(origin) { balancer throws in
            let isAnswered = concurrently(sizes.count) { index -> Bool in
                let size = sizes[index]
                guard let client = try? RawClient(to: balancer.port, receiveBuffer: 16_384),
                    (try? client.send(requestText("GET", "/\(size)"))) != nil,
                    // The line is written when the origin's part is over; a client of the rest waits for his answer.
                    balancer.waitForAccessLine(path: "/\(size)", within: .seconds(1)) != nil
                else { return false }
                let pay = requestText("POST", "/pay/\(size)", ["Content-Length: 0"])
                guard (try? client.send(pay)) != nil else { return false }
                client.halfClose()
                pass(.milliseconds(300))
                _ = client.readPatternResponse()
                return client.readOutcome(to: "POST").response?.text == "paid"
            }
            for (size, isAnswered) in zip(sizes, isAnswered) where isAnswered != true {
                let path = "/pay/\(size)"
                guard origin.requests.contains(where: { $0.target == path }) else { continue }
                let status = balancer.waitForAccessLine(path: path)?.status
                #expect(status == 499, "carried out without an answer, behind \(size) bytes")
            }
        }
    }
}
