import Configuration
import Events
import Testing
import Upstreams

@testable import Proxying

@Suite struct SpareExchangesTests {
    private func exchanges(_ count: Int) throws -> (proxy: Proxy, exchanges: [Exchange]) {
        let proxy = Proxy(
            on: try EventLoop(),
            configuration: ServerConfiguration(backends: [BackendAddress(host: "127.0.0.1", port: 1)]),
            board: BackendBoard([BackendConfiguration(BackendAddress(host: "127.0.0.1", port: 1))]),
            account: DescriptorAccount(limit: 10) {},
            report: { _ in },
            clientLeft: {}
        )
        return (proxy, (0..<count).map { _ in Exchange(proxy) })
    }

    @Test func `what ended in this turn does not serve again in it`() throws {
        let (_, made) = try exchanges(2)
        var spares = SpareExchanges()
        spares.put(made[0], in: 7)
        spares.put(made[1], in: 7)
        let early = spares.take(in: 7)
        #expect(early == nil)
        // What ended last serves first.
        let taken = [spares.take(in: 8), spares.take(in: 8), spares.take(in: 8)]
        #expect(taken[0] === made[1] && taken[1] === made[0] && taken[2] == nil)
    }

    /// A client that pipelines has one exchange end and the next one begin in each turn.
    @Test func `an end and a beginning in every turn need two exchanges`() throws {
        let (proxy, made) = try exchanges(1)
        var spares = SpareExchanges()
        var present = made[0]
        var count = 1
        for turn in UInt64(0)..<1000 {
            spares.put(present, in: turn)
            if let spare = spares.take(in: turn) {
                present = spare
            } else {
                present = Exchange(proxy)
                count += 1
            }
        }
        #expect(count == 2)
    }

    @Test func `all of them are forgotten, those that ended just now, too`() throws {
        let (_, made) = try exchanges(3)
        var spares = SpareExchanges()
        spares.put(made[0], in: 1)
        spares.put(made[1], in: 2)
        spares.put(made[2], in: 2)
        spares.removeAll()
        let left = spares.take(in: 3)
        #expect(left == nil && made.allSatisfy { $0.nextAtRest == nil })
    }
}
