import Testing

@testable import Observability

@Suite struct CounterTests {
    @Test func `a backend's counters tell everything that happened to it`() {
        let counters = BackendCounters()
        counters.connectionOpened(after: 2_000_000)
        counters.attemptBegan(isSpilled: true)
        counters.headCame(after: 3_000_000)
        counters.exchangeEnded(.post, status: 404, nanoseconds: 1_000_000)
        counters.connectionRests()
        counters.connectionWakes()
        counters.connectionReused()
        counters.attemptBegan(isSpilled: false)
        counters.attemptFailed(.stale)
        counters.connectionClosed()
        counters.received(7)
        counters.sent(9)
        var totals = BackendTotals()
        counters.add(to: &totals)
        counters.add(to: &totals)
        let index =
            MethodLabel.post.rawValue * StatusClass.allCases.count + StatusClass.clientError.rawValue
        for (place, count) in totals.requests.enumerated() { #expect(count == (place == index ? 2 : 0)) }
        #expect(totals.retries == [0, 0, 2, 0, 0])
        #expect(totals.duration.counts[0] == 2 && totals.duration.count == 2)
        #expect(totals.duration.nanoseconds == 2_000_000)
        #expect(totals.connect.counts[1] == 2 && totals.connect.nanoseconds == 4_000_000)
        #expect(totals.header.counts[2] == 2 && totals.header.nanoseconds == 6_000_000)
        #expect(totals.inFlight == 0 && totals.activeConnections == 0 && totals.idleConnections == 0)
        #expect(totals.opened == 2 && totals.reused == 2 && totals.spilled == 2)
        #expect(totals.received == 14 && totals.sent == 18)
    }

    @Test func `numbers that go up and down add up over workers`() {
        let workers = [BackendCounters(), BackendCounters()]
        for worker in workers {
            worker.attemptBegan(isSpilled: false)
            worker.tunnelOpened()
            worker.connectionOpened(after: 1)
            worker.connectionOpened(after: 1)
            worker.connectionRests()
        }
        workers[1].exchangeEnded(.get, status: 101, nanoseconds: 1)
        workers[1].tunnelClosed()
        var totals = BackendTotals()
        for worker in workers { worker.add(to: &totals) }
        #expect(totals.inFlight == 1 && totals.tunnels == 1)
        #expect(totals.activeConnections == 2 && totals.idleConnections == 2)
        #expect(totals.requests[StatusClass.informational.rawValue] == 1)
    }

    @Test func `a worker's counters tell everything that happened to its clients`() {
        let counters = WorkerCounters()
        counters.clientConnected()
        counters.clientConnected()
        counters.clientLeft()
        counters.received(3)
        counters.sent(4)
        for (count, reason) in EndReason.allCases.enumerated() {
            for _ in 0...count { counters.ended(reason) }
        }
        for reason in RejectReason.allCases { counters.rejected(reason) }
        for reason in NoBackendReason.allCases { counters.foundNoBackend(reason) }
        var totals = ClientTotals()
        counters.add(to: &totals)
        #expect(totals.open == 1 && totals.accepted == 2 && totals.received == 3 && totals.sent == 4)
        #expect(totals.ends == (1...UInt64(EndReason.allCases.count)).map { $0 })
        #expect(totals.rejected.allSatisfy { $0 == 1 } && totals.noBackend.allSatisfy { $0 == 1 })
    }

    @Test func `a duration falls into the bucket that the bounds say`() {
        for bound in HistogramBounds.request.nanoseconds {
            for value in [bound - 1, bound, bound + 1] {
                let counter = HistogramCounter()
                counter.record(value)
                var totals = HistogramTotals(.request)
                counter.add(to: &totals)
                var expected = HistogramTotals(.request)
                expected.record(value)
                #expect(totals.counts == expected.counts && totals.nanoseconds == value)
            }
        }
    }

    @Test(arguments: [
        ("GET", MethodLabel.get), ("HEAD", .head), ("POST", .post), ("PUT", .put), ("DELETE", .delete),
        ("PATCH", .patch), ("OPTIONS", .options), ("TRACE", .other), ("get", .other), ("GETT", .other),
        ("", .other), ("PROPFIND", .other), ("HEAT", .other),
    ])
    func `methods that are told apart have labels`(_ text: String, _ label: MethodLabel) {
        let bytes = Array(" \(text) ".utf8)
        #expect(MethodLabel(bytes.span, 1..<1 + text.utf8.count) == label)
    }

    @Test func `the words of a closed list are words, and all different`() {
        let words = EndReason.allCases.map { "\($0.text)" }
        #expect(Set(words).count == words.count)
        for word in words { #expect(word.wholeMatch(of: /[a-z]+(_[a-z]+)*/) != nil) }
    }
}
