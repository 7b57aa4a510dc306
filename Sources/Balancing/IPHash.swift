/// The balancing policy: a client's address decides where to start, and who is alive decides where to end.
public struct IPHash: Sendable {
    private let backendCount: UInt32

    /// A policy over `backendCount` backends, at least one, in the order configured.
    public init(backendCount: Int) {
        self.backendCount = UInt32(backendCount)
    }

    /// The hash of a client's address text, which a connection computes once.
    public static func key(_ client: ClientAddress) -> UInt32 {
        FNV1a.hash(client.text.utf8)
    }

    /// Where a client starts: its hash modulo the number of backends configured, alive or not.
    public func start(for key: UInt32) -> Int {
        Int(key % backendCount)
    }

    /// The backend for a client: its own if alive, else the next one alive in order; `nil` when none is.
    public func pick(_ key: UInt32, among alive: AliveSet) -> Int? {
        alive.first(from: start(for: key))
    }
}
