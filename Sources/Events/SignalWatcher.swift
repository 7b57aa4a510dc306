internal import CEventShims
internal import CLibevent
internal import Glibc

/// Calls a closure on the loop for each arrival of a signal. (`evsignal_new`)
public final class SignalWatcher {
    /// The signals that a server answers to.
    public enum Signal: Sendable {
        /// `SIGTERM`
        case terminate
        /// `SIGINT`
        case interrupt

        var number: Int32 {
            switch self {
            case .terminate: SIGTERM
            case .interrupt: SIGINT
            }
        }
    }

    private let action: () -> Void
    private var event: OpaquePointer?

    /// Watches `signal` until it dies; only one loop of a process may have watchers.
    public init(_ signal: Signal, on loop: EventLoop, _ action: @escaping () -> Void) {
        self.action = action
        event = event_new(
            loop.base,
            signal.number,
            Int16(EV_SIGNAL | EV_PERSIST),
            { _, _, context in borrowed(context, as: SignalWatcher.self) { $0.action() } },
            Unmanaged.passUnretained(self).toOpaque()
        )
        if let event { event_add(event, nil) }
    }

    deinit {
        if let event { event_free(event) }
    }
}
