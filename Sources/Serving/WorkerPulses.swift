internal import Events
internal import Synchronization

/// Whether the workers' loops turn, found out by asking them.
///
/// An idle loop does not turn by itself, so that it has to be asked; it is asked when a client wants to know, and costs nothing
/// else.
final class WorkerPulses: Sendable {
    /// What one worker owes.
    final class Question: Sendable {
        /// When the worker was asked, in nanoseconds; zero when it has answered.
        fileprivate let askedAt = Atomic<UInt64>(0)

        /// Says that the loop turns; called on it.
        func answer() { askedAt.store(0, ordering: .relaxed) }
    }

    /// A worker whose loop does not turn.
    struct Stall: Sendable, Equatable {
        /// The worker's place among the workers.
        let worker: Int
        /// Since when it has been known, in whole seconds.
        let seconds: Int
    }

    private struct Pulse: Sendable {
        let worker: Int
        let question: Question
        let bell: Wakeup.Bell
    }

    private let pulses = Mutex<[Pulse]>([])

    /// How long a loop may take to answer, in nanoseconds.
    private static let limit: UInt64 = 5_000_000_000

    /// Has a worker asked from now on; its bell makes its loop answer the question.
    func enlist(_ worker: Int, _ question: Question, _ bell: Wakeup.Bell) {
        pulses.withLock { $0.append(Pulse(worker: worker, question: question, bell: bell)) }
    }

    /// The workers that have not answered for five seconds; those that owe nothing are asked again.
    func stalls(at now: LoopTime) -> [Stall] {
        pulses.withLock { $0 }.compactMap { pulse in
            let askedAt = pulse.question.askedAt.load(ordering: .relaxed)
            if askedAt == 0 {
                pulse.question.askedAt.store(now.nanoseconds, ordering: .relaxed)
                pulse.bell.ring()
                return nil
            }
            let waited = now.nanoseconds(since: LoopTime(nanoseconds: askedAt))
            guard waited >= Self.limit else { return nil }
            return Stall(worker: pulse.worker, seconds: Int(waited / 1_000_000_000))
        }
    }
}
