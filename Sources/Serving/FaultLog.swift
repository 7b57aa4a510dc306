internal import Events
internal import Logging
internal import Observability
internal import Synchronization

/// Counts faults and says each kind once in a while, from whatever thread notices.
///
/// Each kind has a limit of its own, so that one that repeats without end hides no other.
final class FaultLog: Sendable {
    /// How often each fault has happened.
    let counters = FaultCounters()

    /// What is remembered of one kind.
    private final class Memory: Sendable {
        /// When it was said last, in nanoseconds; zero when it never was.
        let saidAt = Atomic<UInt64>(0)
        /// How often it has happened since.
        let unsaid = Atomic<Int>(0)
    }

    private let memories: [Fault: Memory]
    private let logger: Logger

    /// Nanoseconds between two lines of one kind.
    private static let interval: UInt64 = 10_000_000_000

    /// A log of no faults, which writes to `logger`.
    init(_ logger: Logger) {
        self.logger = logger
        memories = Dictionary(uniqueKeysWithValues: Fault.allCases.map { ($0, Memory()) })
    }

    /// Counts a fault, and says it unless its kind was said in the last ten seconds.
    ///
    /// - Parameters:
    ///   - fault: its kind.
    ///   - count: how often it happened.
    ///   - isLast: nothing more will come, so what is unsaid is said at once.
    ///   - message: what to say, from how often it happened since that was said last; the number of times in all
    ///     follows by itself.
    func report(_ fault: Fault, count: Int = 1, isLast: Bool = false, _ message: (Int) -> String) {
        guard let memory = memories[fault] else { return }
        let total = counters.add(count, to: fault)
        memory.unsaid.add(count, ordering: .relaxed)
        guard isLast || mayBeSaid(memory) else { return }
        let unsaid = memory.unsaid.exchange(0, ordering: .relaxed)
        guard unsaid > 0 else { return }
        logger.warning("\(message(unsaid))\(total > unsaid ? " (\(total) in all)" : "")")
    }

    private func mayBeSaid(_ memory: Memory) -> Bool {
        let now = LoopTime.current().nanoseconds
        let last = memory.saidAt.load(ordering: .relaxed)
        guard last == 0 || now >= last + Self.interval else { return false }
        return memory.saidAt.compareExchange(expected: last, desired: now, ordering: .relaxed).exchanged
    }
}
