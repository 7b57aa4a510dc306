import Balancing
import Testing

@Suite struct ExplanationTests {
    private func explanation(alive: [Bool]) -> Explanation {
        let names = ["10.0.0.1:8080", "10.0.0.20:8080", "10.0.0.3:8080"]
        let candidates = zip(names, alive).map { Explanation.Candidate($0, isAlive: $1) }
        return Explanation(ClientAddress(ipv4: [203, 0, 113, 7]), among: candidates)
    }

    @Test func `the way to the client's own backend`() {
        let explanation = explanation(alive: [true, true, true])
        #expect(
            explanation.lines == [
                "key       203.0.113.7",
                "hash      0x8fcf70e0 = 2412736736, 32-bit FNV-1a of the key",
                "backends  3",
                "index     2 = 2412736736 mod 3",
                "backend   10.0.0.3:8080, its own",
                "order     2  10.0.0.3:8080   alive",
                "          0  10.0.0.1:8080   alive",
                "          1  10.0.0.20:8080  alive",
            ]
        )
    }

    @Test(
        arguments: [
            ([true, true, false], 0, "10.0.0.1:8080, the next one alive after 10.0.0.3:8080"),
            ([false, true, false], 1, "10.0.0.20:8080, the next one alive after 10.0.0.3:8080"),
            ([false, false, false], nil, "none: nobody is alive, so the client gets 503"),
        ] as [([Bool], Int?, String)]
    )
    func `the next one alive takes its place`(_ alive: [Bool], _ chosen: Int?, _ verdict: String) {
        let explanation = explanation(alive: alive)
        #expect(explanation.index == 2 && explanation.chosen == chosen && explanation.order == [2, 0, 1])
        #expect(explanation.lines.contains("backend   \(verdict)"))
    }

    @Test func `what is known of a backend stands behind it`() {
        let states = (0..<11).map {
            Explanation.Candidate(
                "b\($0):1",
                isAlive: $0 != 3,
                state: $0 == 3 ? "down: connection refused" : nil
            )
        }
        // 2412736736 mod 11 is 3.
        let lines = Explanation(ClientAddress(ipv4: [203, 0, 113, 7]), among: states).lines
        #expect(lines.count == 16)
        #expect(lines[5] == "order      3  b3:1   down: connection refused")
        #expect(lines[12] == "          10  b10:1  alive")
    }

    @Test func `a hash keeps its leading zeros`() {
        // 127.0.0.1 hashes to 08a3d11e.
        let candidates = [Explanation.Candidate("a:1", isAlive: true)]
        let lines = Explanation(ClientAddress(ipv4: [127, 0, 0, 1]), among: candidates).lines
        #expect(lines[1] == "hash      0x08a3d11e = 144953630, 32-bit FNV-1a of the key")
    }
}
