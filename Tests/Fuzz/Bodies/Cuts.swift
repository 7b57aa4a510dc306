/// Ways to cut an input into the pieces that it arrives in; the same ones for the same input.
enum Cuts {
    /// The ends of the pieces, the last one being the end of the input.
    static func all(of input: [UInt8]) -> [[Int]] {
        let count = input.count
        guard count > 1 else { return [[count]] }
        var random = hash(input)
        var few: [Int] = []
        for _ in 0..<3 {
            few.append(1 + Int(random % UInt64(count - 1)))
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            random ^= random >> 33
        }
        return [[count], Array(1...count), Array(Set(few)).sorted() + [count]]
    }

    /// FNV-1a in 64 bits.
    private static func hash(_ input: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in input { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash ^ hash >> 32
    }
}
