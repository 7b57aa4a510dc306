import Testing

@testable import HTTPMessages

@Suite struct MutatedBodyTests {
    private static let corpus = [
        "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "a;x=y\r\n0123456789\r\n0\r\nX: y\r\nZ: \r\n\r\n",
        "0\r\n\r\n", "1 ;a\r\nb\r\n00f\r\n0123456789abcde\r\n0;q\r\nA:1\r\n\r\n",
    ].map { wire($0) }

    private static let pieces = [
        "\r", "\n", "\r\n", ";", " ", "0", "f", "8000000000000000", "\0", "\u{ff}", "0x",
    ]
    .map { wire($0) }

    /// The data, what stands behind the body, and why it is refused.
    private struct Outcome: Equatable {
        var data: [UInt8] = []
        var end: Int?
        var trailers: [UInt8] = []
        var error: MessageError?
    }

    private func decode(_ bytes: [UInt8], step: Int) -> Outcome {
        var decoder = BodyDecoder(.chunked, maxTrailers: 64)
        var outcome = Outcome()
        var start = 0
        while start < bytes.count {
            let end = min(start + step, bytes.count)
            let piece = bytes.span.extracting(start..<end)
            var position = 0
            do {
                while true {
                    let step = try decoder.next(piece, at: &position)
                    if step == .needsMore { break }
                    if case .data(let range) = step {
                        for index in range { outcome.data.append(piece[index]) }
                        continue
                    }
                    outcome.end = start + position
                    outcome.trailers = decoder.takeTrailers()?.bytes ?? []
                    return outcome
                }
            } catch {
                outcome.error = error
                return outcome
            }
            start = end
        }
        return outcome
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `mutated bodies never trap and are the same in any pieces`(_ seed: UInt64) {
        var state = seed
        func random(_ bound: Int) -> Int {
            // Knuth's MMIX numbers; the low bits are weak, so the high ones are taken.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        var complete = 0
        for _ in 0..<3000 {
            var bytes = Self.corpus[random(Self.corpus.count)]
            for _ in 0...random(2) {
                let at = random(bytes.count + 1)
                let end = min(bytes.count, at + random(4))
                switch random(4) {
                case 0: if at < bytes.count { bytes[at] ^= 1 << UInt8(random(8)) }
                case 1: bytes.insert(contentsOf: Self.pieces[random(Self.pieces.count)], at: at)
                case 2: bytes.removeSubrange(at..<end)
                default: bytes.insert(contentsOf: Array(bytes[at..<end]), at: random(bytes.count + 1))
                }
            }
            let whole = decode(bytes, step: .max / 2)
            if whole.end != nil { complete += 1 }
            for step in 1...3 where decode(bytes, step: step) != whole {
                Issue.record("\(unwire(bytes).debugDescription) in pieces of \(step)")
            }
        }
        #expect(complete > 300)
    }
}
