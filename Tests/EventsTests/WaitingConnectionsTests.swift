import Testing

@testable import Events

/// Which connections of a small server go when, without a socket.
@Suite struct WaitingConnectionsTests {
    private func connections() -> WaitingConnections<String> {
        WaitingConnections(
            LocalHTTPServer.Limits(
                connections: 3,
                request: .nanoseconds(20),
                rest: .nanoseconds(100),
                answer: .nanoseconds(50)
            )
        )
    }

    @Test func `each wait has its own limit, from its beginning to its end`() {
        var list = connections()
        #expect(list.accept("a", at: 0) == 20)
        #expect(list.overdue(at: 19).isEmpty)
        #expect(list.beginAnswer("a", at: 19) == 69)
        #expect(list.overdue(at: 68).isEmpty)
        #expect(list.endAnswer("a", at: 60) == 160)
        #expect(list.overdue(at: 159).isEmpty && list.overdue(at: 160) == ["a"])
        #expect(list.nextDeadline == 160)
        list.remove("a")
        #expect(list.count == 0 && list.nextDeadline == nil && list.longestWaiting == nil)
        _ = list.endAnswer("a", at: 200)
        #expect(list.count == 0)
    }

    @Test func `the one that has waited longest goes first, whatever it waits for`() {
        var list = connections()
        _ = list.accept("reading", at: 0)
        _ = list.accept("old", at: 1)
        _ = list.beginAnswer("reading", at: 2)
        _ = list.accept("new", at: 3)
        #expect(list.longestWaiting == "old")
        list.remove("old")
        #expect(list.longestWaiting == "reading")
        list.remove("reading")
        #expect(list.longestWaiting == "new")
    }
}
