internal import CEventShims
internal import CLibevent
internal import Glibc

/// The only door into a loop from another thread. (`eventfd`)
public final class Wakeup {
    /// What other threads hold to ring.
    public struct Bell: Sendable {
        let descriptor: Int32

        /// Has the loop call the wake-up's closure soon; several rings may become one call.
        public func ring() {
            var one: UInt64 = 1
            _ = write(descriptor, &one, 8)
        }
    }

    /// What other threads ring.
    public let bell: Bell
    private let action: () -> Void
    /// Held, because the event must be freed before its base.
    private let loop: EventLoop
    private var event: OpaquePointer?

    /// A wake-up that calls `action` on the loop's thread.
    ///
    /// - Throws: when the system has no descriptor left for it.
    public init(on loop: EventLoop, _ action: @escaping () -> Void) throws(EventError) {
        let descriptor = swerve_eventfd(0)
        guard descriptor >= 0 else { throw EventError("eventfd", code: errno) }
        bell = Bell(descriptor: descriptor)
        self.action = action
        self.loop = loop
        event = event_new(
            loop.base,
            descriptor,
            Int16(EV_READ | EV_PERSIST),
            { descriptor, _, context in
                var count: UInt64 = 0
                _ = read(descriptor, &count, 8)
                borrowed(context, as: Wakeup.self) { $0.action() }
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
        if let event { event_add(event, nil) }
    }

    deinit {
        if let event { event_free(event) }
        close(bell.descriptor)
    }
}
