internal import Synchronization

/// Runs work that may block on a short-lived thread, and hands the answer over on the loop.
///
/// One piece of work runs at a time, so that a system call that does not return costs one thread. Whoever needs an
/// answer by some moment keeps a timer beside it. Letting go of the task drops the answer; the thread ends with the work.
public final class BackgroundTask<Answer: Sendable> {
    /// What the two threads share.
    private final class Shared: Sendable {
        let answer = Mutex<Answer?>(nil)
    }

    /// Whether work was begun whose answer has not been handed over yet.
    public var isRunning: Bool { running }

    private let shared = Shared()
    private var running = false
    private let completion: (Answer) -> Void
    private var wakeup: Wakeup?

    /// A task that has nothing to do yet.
    ///
    /// - Parameters:
    ///   - loop: the loop that the answers are handed over on.
    ///   - completion: takes each answer, on the loop and after `start` has returned.
    /// - Throws: when the system has no descriptor left for it.
    public init(on loop: EventLoop, _ completion: @escaping (Answer) -> Void) throws(EventError) {
        self.completion = completion
        wakeup = try Wakeup(on: loop) { [unowned self] in handOver() }
    }

    /// Begins a piece of work.
    ///
    /// - Parameter work: runs on a thread of its own and may block.
    /// - Returns: `false` when work is running already, or the system has no thread left; then `work` does not run.
    @discardableResult
    public func start(_ work: @escaping @Sendable () -> Answer) -> Bool {
        guard !running, let bell = wakeup?.bell else { return false }
        do throws(EventError) {
            try SystemThread.start { [shared] in
                let answer = work()
                shared.answer.withLock { $0 = answer }
                bell.ring()
            }
        } catch {
            return false
        }
        running = true
        return true
    }

    private func handOver() {
        guard let answer = shared.answer.withLock({ $0.take() }) else { return }
        running = false
        // The completion may let go of the task, and must not take it along.
        withExtendedLifetime(self) { completion(answer) }
    }
}
