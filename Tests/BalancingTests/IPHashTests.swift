import Balancing
import Testing

@Suite struct IPHashTests {
    @Test(
        arguments: [
            ("", 0x811C_9DC5), ("a", 0xE40C_292C), ("ab", 0x4D25_05CA), ("abc", 0x1A47_E90B),
            ("foobar", 0xBF9C_F968),
        ] as [(String, UInt32)]
    )
    func `the hash is FNV-1a`(_ text: String, _ hash: UInt32) {
        #expect(FNV1a.hash(text.utf8) == hash)
    }

    /// Made with another implementation of the hash, for 2 to 5 backends.
    @Test(
        arguments: [
            ("127.0.0.1", 144_953_630, [0, 2, 2, 0]), ("::1", 364_823_692, [0, 1, 0, 2]),
            ("192.168.1.45", 2_094_667_386, [0, 0, 2, 1]), ("10.0.0.1", 3_737_042_573, [1, 2, 1, 3]),
            ("10.0.0.2", 3_686_709_716, [0, 2, 0, 1]), ("10.0.0.3", 3_703_487_335, [1, 1, 3, 0]),
            ("203.0.113.7", 2_412_736_736, [0, 2, 0, 1]), ("2001:db8::1", 988_793_287, [1, 1, 3, 2]),
            ("fe80::1", 1_796_871_243, [1, 0, 3, 3]), ("fe80::1%eth0", 682_422_603, [1, 0, 3, 3]),
        ] as [(String, UInt32, [Int])]
    )
    func `a client starts where its hash says`(_ client: String, _ key: UInt32, _ starts: [Int]) {
        #expect(IPHash.key(ClientAddress(unnamed: client)) == key)
        #expect((2...5).map { IPHash(backendCount: $0).start(for: key) } == starts)
        #expect(IPHash(backendCount: 1).start(for: key) == 0)
    }

    @Test(arguments: [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] as [UInt32])
    func `no key starts outside the backends`(_ key: UInt32) {
        for count in [1, 2, 3, 64, 65, 1000] {
            let start = IPHash(backendCount: count).start(for: key)
            #expect(start == Int(UInt64(key) % UInt64(count)))
        }
    }

    @Test func `a client whose backend is down gets the next alive and returns`() {
        let policy = IPHash(backendCount: 3)
        var alive = AliveSet(count: 3, allAlive: true)
        #expect(policy.pick(5, among: alive) == 2)
        alive.remove(2)
        #expect(policy.pick(5, among: alive) == 0)
        alive.remove(0)
        #expect(policy.pick(5, among: alive) == 1)
        alive.remove(1)
        #expect(policy.pick(5, among: alive) == nil)
        alive.insert(2)
        #expect(policy.pick(5, among: alive) == 2)
    }

    @Test func `who is down moves no client of another backend`() {
        let policy = IPHash(backendCount: 5)
        let all = AliveSet(count: 5, allAlive: true)
        var fewer = all
        fewer.remove(3)
        for key in 0..<100 as Range<UInt32> where policy.pick(key, among: all) != 3 {
            #expect(policy.pick(key, among: fewer) == policy.pick(key, among: all))
        }
    }
}
