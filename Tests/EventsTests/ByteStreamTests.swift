import Testing

@testable import Events

@Suite struct ByteStreamTests {
    @Test func `both ends of a connection hear that it stands`() throws {
        let pair = try Pair()
        defer { pair.close() }
        #expect(pair.near.events == ["connected"])
        #expect(pair.far.events == ["connected"])
        #expect(pair.near.isOpen && pair.far.isOpen && pair.near.isSilent())
        #expect(pair.far.localAddress == pair.listener.address)
    }

    @Test func `bytes not taken are presented again, with more behind them`() throws {
        let pair = try Pair()
        defer { pair.close() }
        pair.far.take = { $0 >= 6 ? $0 : 1 }
        pair.near.send([1, 2, 3].span)
        #expect(pair.run { !pair.far.presented.isEmpty })
        #expect(pair.far.presented == [3] && pair.far.bytes == [1] && pair.far.heldCount == 2)
        pair.near.send([4, 5].span, [6, 7].span)
        #expect(pair.run { pair.far.presented.count == 2 })
        #expect(pair.far.presented == [3, 6])
        #expect(pair.far.bytes == [1, 2, 3, 4, 5, 6, 7] && pair.far.heldCount == 0)
    }

    @Test func `held bytes are presented again when they are asked for`() throws {
        let pair = try Pair()
        defer { pair.close() }
        pair.far.take = { _ in 1 }
        pair.near.send([1, 2, 3].span)
        #expect(pair.run { pair.far.heldCount == 2 })
        pair.far.deliverHeldSoon()
        pair.far.deliverHeldSoon()
        #expect(pair.run { pair.far.heldCount == 1 })
        pair.far.deliverHeldSoon()
        #expect(pair.run { pair.far.heldCount == 0 })
        #expect(pair.far.presented == [3, 2, 1] && pair.far.bytes == [1, 2, 3])
    }

    @Test func `what the socket does not take is queued and arrives in order`() throws {
        let pair = try Pair()
        defer { pair.close() }
        pair.far.pauseReading()
        let block = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        var sent: [UInt8] = []
        for count in 1...400 where !pair.near.isCongested {
            let head = block.span.extracting(0..<count)
            pair.near.send(head, block.span)
            sent += block[..<count] + block
        }
        #expect(pair.near.isCongested && pair.near.queuedCount >= ByteStream.highMark)
        pair.near.send([42].span)
        sent.append(42)
        pair.far.resumeReading()
        #expect(pair.run { pair.far.bytes.count == sent.count && pair.near.queuedCount == 0 })
        #expect(pair.far.bytes == sent)
        #expect(pair.near.events.contains("drained") && !pair.near.isCongested)
    }

    @Test func `closing when written sends everything first`() throws {
        let pair = try Pair()
        defer { pair.close() }
        pair.far.pauseReading()
        let block = [UInt8](repeating: 7, count: 1 << 20)
        for _ in 0..<16 { pair.near.send(block.span) }
        #expect(pair.near.queuedCount > 0)
        pair.near.closeWhenWritten()
        #expect(pair.near.isOpen)
        pair.far.resumeReading()
        #expect(pair.run { pair.far.events.contains("ended") })
        #expect(pair.far.bytes.count == 16 << 20 && pair.far.isAtEnd)
        #expect(!pair.near.isOpen && pair.near.events.filter { $0 == "closed" }.count == 1)
    }

    @Test func `closing is reported once and ends everything`() throws {
        let pair = try Pair()
        defer { pair.close() }
        pair.near.close()
        pair.near.close()
        pair.near.abort()
        #expect(pair.near.events == ["connected", "closed"] && !pair.near.isOpen)
        pair.near.send([1].span)
        #expect(pair.run { pair.far.isAtEnd })
        #expect(pair.far.events == ["connected", "ended"])
        #expect(pair.far.bytes.isEmpty)
    }

    @Test func `the own side can end while the peer goes on`() throws {
        let pair = try Pair()
        defer { pair.close() }
        pair.near.send([1].span)
        pair.near.endOutput()
        #expect(pair.run { pair.far.isAtEnd })
        pair.far.send([2].span)
        #expect(pair.run { pair.near.bytes == [2] })
        #expect(pair.far.bytes == [1])
    }

    @Test func `an aborted connection is not a clean end`() throws {
        let pair = try Pair()
        defer { pair.close() }
        pair.near.abort()
        #expect(pair.run { pair.far.isAtEnd })
        #expect(pair.far.events == ["connected", "failed"])
        #expect(pair.near.events == ["connected", "closed"])
    }

    @Test func `a deadline passes once unless it is cleared`() throws {
        let pair = try Pair()
        defer { pair.close() }
        pair.far.setDeadline(after: .milliseconds(5))
        pair.far.clearDeadline()
        pair.near.setDeadline(after: .seconds(60))
        pair.near.setDeadline(after: .milliseconds(20))
        #expect(pair.run { pair.near.events.contains("deadline") })
        #expect(pair.near.events == ["connected", "deadline"])
        #expect(pair.far.events == ["connected"])
    }

    @Test func `a refused connection is closed and then reported`() throws {
        let pair = try Pair()
        defer { pair.close() }
        let address = pair.listener.address
        pair.listener.close()
        let late = Recorder(on: pair.loop)
        do {
            try late.connect(to: address, timeout: .seconds(5))
            #expect(pair.run { late.events.count == 2 })
            #expect(late.events == ["closed", "refused"])
        } catch {
            #expect(error.code == SystemError.connectionRefused && !late.isOpen)
        }
    }
}
