/// Why a client lands on the backend it lands on.
public struct Explanation: Sendable, Equatable {
    /// A backend as a candidate.
    public struct Candidate: Sendable, Equatable {
        /// `10.0.0.7:8080`.
        public let name: String
        /// Whether new clients may be sent to it.
        public let isAlive: Bool
        /// What there is to say about that: `alive`, `down: connection refused`, `draining`.
        public let state: String

        /// A candidate; without a `state`, it is `alive` or `down`.
        public init(_ name: String, isAlive: Bool, state: String? = nil) {
            self.name = name
            self.isAlive = isAlive
            self.state = state ?? (isAlive ? "alive" : "down")
        }
    }

    /// The text that is hashed.
    public let key: String
    /// Its hash.
    public let hash: UInt32
    /// The candidates in the order configured.
    public let candidates: [Candidate]
    /// The position of the client's own backend.
    public let index: Int
    /// The position of the backend the client gets; `nil` where none is alive.
    public let chosen: Int?

    /// The way from `client` to one of `candidates`, of which there is at least one.
    public init(_ client: ClientAddress, among candidates: [Candidate]) {
        key = client.text
        hash = IPHash.key(client)
        self.candidates = candidates
        let policy = IPHash(backendCount: candidates.count)
        index = policy.start(for: hash)
        var alive = AliveSet(count: candidates.count, allAlive: false)
        for (index, candidate) in candidates.enumerated() where candidate.isAlive {
            alive.insert(index)
        }
        chosen = policy.pick(hash, among: alive)
    }

    /// The positions in the order in which they are asked, the client's own in front.
    public var order: [Int] { candidates.indices.map { (index + $0) % candidates.count } }

    /// The explanation for people, a line each.
    public var lines: [String] {
        let digits = String(hash, radix: 16)
        let hexadecimal = "0x" + String(repeating: "0", count: 8 - digits.count) + digits
        var lines = [
            "key       \(key)",
            "hash      \(hexadecimal) = \(hash), 32-bit FNV-1a of the key",
            "backends  \(candidates.count)",
            "index     \(index) = \(hash) mod \(candidates.count)",
            "backend   \(verdict)",
        ]
        let width = String(candidates.count - 1).utf8.count
        let longest = candidates.map(\.name.utf8.count).max() ?? 0
        for (rank, position) in order.enumerated() {
            let candidate = candidates[position]
            let number = String(position)
            let padding = String(repeating: " ", count: width - number.utf8.count)
            let gap = String(repeating: " ", count: longest - candidate.name.utf8.count)
            lines.append(
                "\(rank == 0 ? "order   " : "        ")  \(padding)\(number)  \(candidate.name)\(gap)  \(candidate.state)"
            )
        }
        return lines
    }

    private var verdict: String {
        guard let chosen else { return "none: nobody is alive, so the client gets 503" }
        let name = candidates[chosen].name
        return chosen == index
            ? "\(name), its own" : "\(name), the next one alive after \(candidates[index].name)"
    }
}
