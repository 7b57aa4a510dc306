/// Which backends are alive: one bit each, any number of them.
public struct AliveSet: Sendable, Equatable {
    private var words: [UInt64]
    /// The number of backends, alive or not.
    public let count: Int

    /// A set over `count` backends, all alive or none.
    public init(count: Int, allAlive: Bool) {
        self.count = count
        words = Array(repeating: allAlive ? .max : 0, count: (count + 63) / 64)
        if allAlive, count % 64 != 0 { words[words.count - 1] = (1 << UInt64(count % 64)) - 1 }
    }

    /// Whether the backend at `index` is alive.
    public func contains(_ index: Int) -> Bool {
        words[index >> 6] >> UInt64(index & 63) & 1 == 1
    }

    /// Adds the backend at `index`.
    public mutating func insert(_ index: Int) {
        words[index >> 6] |= 1 << UInt64(index & 63)
    }

    /// Takes the backend at `index` out.
    public mutating func remove(_ index: Int) {
        words[index >> 6] &= ~(1 << UInt64(index & 63))
    }

    /// Whether none is alive.
    public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// The number of backends alive.
    public var aliveCount: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// The first backend alive from `start` on, in order and with wrap; `nil` when none is.
    ///
    /// Looks at 64 backends at a time.
    public func first(from start: Int) -> Int? {
        let startWord = start >> 6
        let above = words[startWord] & (UInt64.max << UInt64(start & 63))
        if above != 0 { return startWord << 6 + above.trailingZeroBitCount }
        var word = startWord
        for _ in 0..<words.count {
            word = word + 1 == words.count ? 0 : word + 1
            if words[word] != 0 { return word << 6 + words[word].trailingZeroBitCount }
        }
        return nil
    }

    /// The first backend alive from `start` on that is not in `tried`.
    public func first(from start: Int, excluding tried: AliveSet) -> Int? {
        var rest = self
        for index in rest.words.indices { rest.words[index] &= ~tried.words[index] }
        return rest.first(from: start)
    }
}
