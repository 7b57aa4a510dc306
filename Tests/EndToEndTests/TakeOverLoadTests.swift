import Glibc
import TestSupport
import Testing

/// Processes replace each other under every kind of traffic, and no request is lost.
///
/// A request is lost when it was sent on a new connection, or on one whose last answer did not say that it closes, and
/// got no whole answer with the status 200. A request that was pipelined behind one whose answer says so is not: its
/// client knows that nobody looked at it (RFC 9112 §9.6).
@Suite(.serialized) struct TakeOverLoadTests {
    /// How a client asks.
    private enum Habit: CaseIterable {
        /// On one connection as long as it is kept.
        case kept
        /// On a new connection each time.
        case fresh
        /// Uploads, on one connection as long as it is kept.
        case uploading
        /// Three requests at a time, on one connection as long as it is kept.
        case pipelining
    }

    private struct Tally {
        var served = 0
        var lost: [String] = []
    }

    /// The head and the first half of an answer at once, and the second half a few milliseconds later.
    private static func slowOrigin() throws -> ScriptedPeer {
        try ScriptedPeer { request in
            [
                .send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234"),
                .run { _ in usleep(UInt32.random(in: 0...3000)) }, .send("56789"),
            ]
        }
    }

    private static func requests(_ habit: Habit) -> (text: String, count: Int) {
        switch habit {
        case .kept, .fresh: (requestText("GET", "/"), 1)
        case .uploading:
            (
                requestText(
                    "POST",
                    "/",
                    ["Transfer-Encoding: chunked"],
                    body: chunks("one", "two") + "0\r\n\r\n"
                ), 1
            )
        case .pipelining: (String(repeating: requestText("GET", "/"), count: 3), 3)
        }
    }

    private static func ask(_ port: UInt16, _ habit: Habit, until isOver: Gate, _ tally: Monitor<Tally>) {
        let (text, count) = requests(habit)
        var kept: RawClient?
        while !isOver.isOpen {
            let isNew = kept == nil
            do {
                let client = try kept ?? RawClient(to: port)
                kept = nil
                try client.send(text)
                var isLast = habit == .fresh
                for _ in 0..<count {
                    let response = try client.readResponse()
                    tally.access {
                        $0.served += 1
                        if response.status != 200 { $0.lost.append("\(habit): status \(response.status)") }
                    }
                    isLast = isLast || response.announcesClose
                    if response.announcesClose { break }
                }
                if !isLast { kept = client }
            } catch {
                tally.access { $0.lost.append("\(habit), \(isNew ? "new" : "kept") connection: \(error)") }
                kept = nil
            }
        }
    }

    @Test func `no request is lost of twenty thousand through eight take-overs`() throws {
        let origins = try (0..<3).map { _ in try Self.slowOrigin() }
        let backends = origins.map(\.endpoint)
        var present = try Balancer(
            backends: backends,
            flags: ["--listen", "127.0.0.1:0", "--reuse-port", "on", "--access-log", "off"]
        )
        let port = present.port
        let isOver = Gate()
        let tally = Monitor(Tally())
        defer { isOver.open() }
        for _ in 0..<3 {
            for habit in Habit.allCases { onNewThread { Self.ask(port, habit, until: isOver, tally) } }
        }
        func wait(for count: Int) {
            let goal = tally.read { $0.served } + count
            _ = tally.wait(until: .after(.seconds(120))) {
                $0.served >= goal || !$0.lost.isEmpty ? true : nil
            }
        }
        for _ in 0..<8 {
            wait(for: 2500)
            let next = try Balancer(
                backends: backends,
                flags: ["--listen", "127.0.0.1:\(port)", "--reuse-port", "on", "--access-log", "off"]
            )
            #expect(present.stop(within: .seconds(60)) == .code(0))
            present = next
        }
        wait(for: 1000)
        isOver.open()
        let total = tally.read { $0 }
        #expect(total.lost == [])
        #expect(total.served >= 20_000)
    }
}
