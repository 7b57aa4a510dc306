internal import CEventShims
internal import CLibevent
internal import Glibc

/// Calls a closure once, some time after it was started; for the cold paths. (`evtimer_new`)
public final class Timer {
    private let action: () -> Void
    /// Held, because the event must be freed before its base.
    private let loop: EventLoop
    private var event: OpaquePointer?

    /// A timer that is not started yet.
    public init(on loop: EventLoop, _ action: @escaping () -> Void) {
        self.action = action
        self.loop = loop
        event = event_new(
            loop.base,
            -1,
            0,
            { _, _, context in borrowed(context, as: Timer.self) { $0.fire() } },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    deinit {
        if let event { event_free(event) }
    }

    private func fire() {
        // The action may let go of the timer, and must not take itself along.
        let held = Unmanaged.passRetained(self)
        action()
        held.release()
    }

    /// Starts or restarts the timer.
    public func start(after duration: Duration) {
        guard let event else { return }
        var time = timeval(nanoseconds: duration.nanoseconds)
        event_add(event, &time)
    }

    /// Stops the timer.
    public func cancel() {
        if let event { event_del(event) }
    }
}

extension timeval {
    /// The time in libevent's terms, rounded up to microseconds.
    init(nanoseconds: UInt64) {
        let microseconds = (nanoseconds + 999) / 1000
        self.init(tv_sec: Int(microseconds / 1_000_000), tv_usec: Int(microseconds % 1_000_000))
    }
}
