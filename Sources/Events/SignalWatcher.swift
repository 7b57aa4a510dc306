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
        /// `SIGQUIT`
        case quit
        /// `SIGHUP`
        case hangUp
        /// `SIGUSR1`
        case user1
        /// `SIGUSR2`
        case user2

        /// The name without the number, such as `SIGTERM`.
        public var name: String {
            switch self {
            case .terminate: "SIGTERM"
            case .interrupt: "SIGINT"
            case .quit: "SIGQUIT"
            case .hangUp: "SIGHUP"
            case .user1: "SIGUSR1"
            case .user2: "SIGUSR2"
            }
        }

        var number: Int32 {
            switch self {
            case .terminate: SIGTERM
            case .interrupt: SIGINT
            case .quit: SIGQUIT
            case .hangUp: SIGHUP
            case .user1: SIGUSR1
            case .user2: SIGUSR2
            }
        }
    }

    private let action: () -> Void
    /// Held, because the event must be freed before its base.
    private let loop: EventLoop
    private var event: OpaquePointer?

    /// Watches `signal` until it dies; only one loop of a process may have watchers.
    public init(_ signal: Signal, on loop: EventLoop, _ action: @escaping () -> Void) {
        self.action = action
        self.loop = loop
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
