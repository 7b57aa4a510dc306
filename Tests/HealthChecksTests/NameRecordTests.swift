import Discovery
import Events
import Testing

@testable import HealthChecks

/// What findings about a name mean for its backend, and which of its addresses a look asks.
@Suite struct NameRecordTests {
    private static func address(_ last: UInt8) -> SocketAddress {
        SocketAddress(ip: .v4([192, 0, 2, last]), port: 80)
    }

    private let one = Self.address(1)
    private let two = Self.address(2)
    private let three = Self.address(3)

    @Test func `a name appears, goes stale once, and recovers`() {
        var record = NameRecord()
        #expect(record.take(.addresses([one]), used: nil) == [.appeared(one, wasMissed: false)])
        #expect(record.take(.addresses([one]), used: one) == [])
        #expect(record.take(.nothing("a"), used: one) == [.stale("a")])
        #expect(record.take(.nothing("b"), used: one) == [])
        #expect(record.addresses == [one])
        #expect(record.take(.addresses([one]), used: one) == [.recovered])
    }

    @Test func `a name that is missing is said once, and appears`() {
        var record = NameRecord()
        #expect(record.take(.nothing("a"), used: nil) == [.missing("a")])
        #expect(record.take(.nothing("a"), used: nil) == [])
        #expect(record.take(.addresses([two, one]), used: nil) == [.appeared(two, wasMissed: true)])
    }

    @Test func `the address in use is kept as long as the name stands for it`() {
        var record = NameRecord()
        _ = record.take(.addresses([one]), used: nil)
        #expect(record.take(.addresses([two, one]), used: one) == [])
        #expect(record.take(.addresses([two, three]), used: one) == [.moved(two)])
        #expect(record.take(.nothing("a"), used: two) == [.stale("a")])
        #expect(record.take(.addresses([three]), used: two) == [.recovered, .moved(three)])
    }

    @Test func `the next address is found around the end`() {
        var record = NameRecord()
        #expect(record.next(after: one) == nil)
        _ = record.take(.addresses([one, two, three]), used: nil)
        #expect(record.next(after: one) == two && record.next(after: three) == one)
        #expect(record.next(after: nil) == nil && record.next(after: Self.address(9)) == one)
        _ = record.take(.addresses([one]), used: one)
        #expect(record.next(after: one) == nil)
    }

    @Test func `a round asks each address once, the one in use first`() {
        func asked(from used: SocketAddress, among addresses: [SocketAddress]) -> [SocketAddress] {
            var round = ProbeRound(from: used, among: addresses)
            var asked = [round.address]
            while round.turn() { asked.append(round.address) }
            return asked
        }
        #expect(asked(from: one, among: []) == [one])
        #expect(asked(from: one, among: [one]) == [one])
        #expect(asked(from: two, among: [one, two, three]) == [two, three, one])
        #expect(asked(from: Self.address(9), among: [one, two]) == [Self.address(9), one, two])
    }
}
