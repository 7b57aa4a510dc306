/// Messages that are slightly wrong, the same ones every time.
struct Mutation {
    private var state: UInt64
    private let corpus: [[UInt8]]

    /// Bytes and pieces that parsers disagree about.
    private static let pieces = [
        "\r", "\n", "\r\n", "\r\n\r\n", " ", "\t", ":", ",", "\0", "\u{b}", "\u{7f}", "\u{80}", "\u{ff}", ";",
        "0",
        "9", "[", "]", "@", "/", "?", "#", "*", "http://", "HTTP/1.0", "chunked", "Host: x\r\n",
        "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Connection: x\r\n",
        "Connection: upgrade\r\n",
        "Upgrade: y\r\n", "X-Forwarded-For: z\r\n", "Max-Forwards: 0\r\n", "User-Agent: v\r\n",
    ].map { wire($0) }

    init(seed: UInt64, corpus: [[UInt8]]) {
        state = seed
        self.corpus = corpus
    }

    /// One message of the corpus with one to three changes.
    mutating func next() -> [UInt8] {
        var bytes = corpus[random(corpus.count)]
        for _ in 0...random(3) {
            let at = random(bytes.count + 1)
            let end = min(bytes.count, at + random(8))
            switch random(6) {
            case 0: if at < bytes.count { bytes[at] ^= 1 << UInt8(random(8)) }
            case 1: bytes.insert(contentsOf: Self.pieces[random(Self.pieces.count)], at: at)
            case 2: bytes.replaceSubrange(at..<end, with: Self.pieces[random(Self.pieces.count)])
            case 3: bytes.removeSubrange(at..<end)
            case 4: bytes.insert(contentsOf: Array(bytes[at..<end]), at: random(bytes.count + 1))
            default:
                let other = corpus[random(corpus.count)]
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
