internal import CEventShims
internal import CLibevent
internal import Glibc
internal import Synchronization

/// Ends the process at a given time whatever its loops do, unless it is disarmed.
///
/// For a stop whose thread is held by the system, such as by a disk that does not answer.
public final class ProcessBackstop: Sendable {
    private let isDisarmed = Atomic<Bool>(false)

    /// A backstop that ends nothing yet.
    public init() {}

    /// Has the process end with `status` after `delay`, without its last words. (`_exit`)
    ///
    /// It is done without when the system has no thread left.
    public func arm(after delay: Duration, status: Int32) {
        let nanoseconds = delay.nanoseconds
        try? SystemThread.start { [self] in
            var rest = timespec(
                tv_sec: Int(nanoseconds / 1_000_000_000),
                tv_nsec: Int(nanoseconds % 1_000_000_000)
            )
            // Signals are left to the first thread, so the sleep is not cut short.
            nanosleep(&rest, nil)
            if !isDisarmed.load(ordering: .acquiring) { _exit(status) }
        }
    }

    /// Has the process live on.
    public func disarm() { isDisarmed.store(true, ordering: .releasing) }
}
