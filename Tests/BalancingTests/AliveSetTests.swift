import Balancing
import Testing

@Suite struct AliveSetTests {
    /// Sizes around the borders of the words that the set is made of.
    static let sizes = [1, 2, 5, 63, 64, 65, 127, 128, 129, 200]

    private func set(_ count: Int, alive: [Int]) -> AliveSet {
        var set = AliveSet(count: count, allAlive: false)
        for index in alive { set.insert(index) }
        return set
    }

    @Test(arguments: sizes)
    func `all or none are alive at first`(_ count: Int) {
        let all = AliveSet(count: count, allAlive: true)
        #expect(all.aliveCount == count && !all.isEmpty && all.count == count)
        let none = AliveSet(count: count, allAlive: false)
        #expect(none.aliveCount == 0 && none.isEmpty && none.count == count)
        for index in 0..<count {
            #expect(all.contains(index) && all.first(from: index) == index)
            #expect(!none.contains(index) && none.first(from: index) == nil)
        }
    }

    @Test func `a set over nobody is empty`() {
        for allAlive in [true, false] {
            let set = AliveSet(count: 0, allAlive: allAlive)
            #expect(set.isEmpty && set.aliveCount == 0)
        }
    }

    @Test(arguments: sizes)
    func `the only one alive is found from everywhere`(_ count: Int) {
        for only in 0..<count {
            let alive = set(count, alive: [only])
            for start in 0..<count { #expect(alive.first(from: start) == only) }
        }
    }

    @Test(arguments: sizes)
    func `the first alive is the one that a walk finds`(_ count: Int) {
        var random = Seeded(seed: 7)
        for _ in 0..<20 {
            let alive = set(count, alive: (0..<count).filter { _ in random.next() % 5 == 0 })
            let tried = set(count, alive: (0..<count).filter { _ in random.next() % 2 == 0 })
            for start in 0..<count {
                let walk = (0..<count).map { (start + $0) % count }
                #expect(alive.first(from: start) == walk.first { alive.contains($0) })
                let untried = walk.first { alive.contains($0) && !tried.contains($0) }
                #expect(alive.first(from: start, excluding: tried) == untried)
            }
        }
    }

    @Test(arguments: sizes)
    func `marking one backend leaves the others`(_ count: Int) {
        var changing = AliveSet(count: count, allAlive: true)
        for index in 0..<count {
            changing.remove(index)
            changing.remove(index)
            #expect(!changing.contains(index) && changing.aliveCount == count - 1)
            changing.insert(index)
            #expect(changing == AliveSet(count: count, allAlive: true))
        }
        for index in 0..<count { changing.remove(index) }
        #expect(changing == AliveSet(count: count, allAlive: false))
    }

    @Test func `nobody is left when all alive were tried`() {
        let alive = set(130, alive: [0, 64, 129])
        #expect(alive.first(from: 65, excluding: alive) == nil)
        #expect(alive.first(from: 65, excluding: set(130, alive: [129])) == 0)
        #expect(alive.first(from: 65, excluding: set(130, alive: [0, 129])) == 64)
    }
}

/// The same numbers every time.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
