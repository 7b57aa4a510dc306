/// Inputs that are slightly wrong, the same ones every time.
struct Mutation {
    private var state: UInt64
    private let inputs: [[UInt8]]
    private let pieces: [[UInt8]]

    /// Mutations of `inputs` with `pieces` put in.
    init(seed: UInt64, of inputs: [[UInt8]], pieces: [[UInt8]]) {
        state = seed
        self.inputs = inputs
        self.pieces = pieces
    }

    /// One of the inputs with one to three changes.
    mutating func next() -> [UInt8] {
        var bytes = inputs[random(inputs.count)]
        for _ in 0...random(3) {
            let at = random(bytes.count + 1)
            let end = min(bytes.count, at + random(8))
            switch random(6) {
            case 0: if at < bytes.count { bytes[at] ^= 1 << UInt8(random(8)) }
            case 1: bytes.insert(contentsOf: pieces[random(pieces.count)], at: at)
            case 2: bytes.replaceSubrange(at..<end, with: pieces[random(pieces.count)])
            case 3: bytes.removeSubrange(at..<end)
            case 4: bytes.insert(contentsOf: Array(bytes[at..<end]), at: random(bytes.count + 1))
            default:
                let other = inputs[random(inputs.count)]
                let start = random(other.count)
                bytes.insert(contentsOf: other[start..<min(other.count, start + 24)], at: at)
            }
        }
        return bytes
    }

    /// A number below `bound`. (SplitMix64)
    private mutating func random(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(max(bound, 1)))
    }
}
