internal import Synchronization

/// The descriptors that clients and the connections to their backends may take together, over all workers.
///
/// What is left of the system's limit stays free for everything else: probes, name look-ups, logs.
public final class DescriptorAccount: Sendable {
    private let limit: Atomic<Int>
    private let used = Atomic<Int>(0)
    private let isExceeded: @Sendable () -> Void

    /// An account of which nothing is used.
    ///
    /// - Parameters:
    ///   - limit: how many descriptors there are.
    ///   - isExceeded: called when a worker needs one more and has no connection at rest to close; it asks the others.
    public init(limit: Int, isExceeded: @escaping @Sendable () -> Void) {
        self.limit = Atomic(limit)
        self.isExceeded = isExceeded
    }

    /// Has another number of descriptors from now on, which may be fewer than are used.
    public func change(limit: Int) { self.limit.store(limit, ordering: .relaxed) }

    /// Whether nothing is left.
    var isSpent: Bool { used.load(ordering: .relaxed) >= limit.load(ordering: .relaxed) }

    /// Takes one.
    func take() { used.add(1, ordering: .relaxed) }

    /// Gives one back.
    func give() { used.subtract(1, ordering: .relaxed) }

    /// Asks the other workers to close what they have at rest.
    func askOthers() { isExceeded() }
}
