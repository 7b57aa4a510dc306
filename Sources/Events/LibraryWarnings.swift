internal import CEventShims
internal import CLibevent
internal import Glibc
internal import Synchronization

/// What libevent has to say, which it would otherwise write to standard error by itself and without measure.
public enum LibraryWarnings {
    private static let receiver = Mutex<(@Sendable (String) -> Void)?>(nil)

    /// Has each warning told to `receiver`, on the thread that ran into it. (`event_set_log_callback`)
    ///
    /// Called once, by the thread that was there first.
    public static func deliver(to receiver: @escaping @Sendable (String) -> Void) {
        self.receiver.withLock { $0 = receiver }
        event_set_log_callback { severity, text in
            guard severity >= EVENT_LOG_WARN, let text else { return }
            let warning = String(cString: text)
            LibraryWarnings.receiver.withLock({ $0 })?(warning)
        }
    }
}
