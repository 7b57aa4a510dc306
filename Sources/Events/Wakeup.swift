internal import CEventShims
internal import CLibevent
internal import Glibc

/// The only door into a loop from another thread. (`eventfd`)
public final class Wakeup {
    /// What other threads hold to ring.
    public struct Bell: Sendable {
        let counter: EventCounter

        /// Has the loop call the wake-up's closure soon; several rings may become one call.
        public func ring() { counter.add() }
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
        let counter = try EventCounter(isBlocking: false)
        bell = Bell(counter: counter)
        self.action = action
        self.loop = loop
        event = event_new(
            loop.base,
            counter.descriptor,
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
    }
}

/// A counter that one thread adds to and another one waits for; open as long as anybody holds it. (`eventfd`)
///
/// Whoever rings late must not find its number given to somebody else's connection.
final class EventCounter: Sendable {
    let descriptor: Int32

    init(isBlocking: Bool) throws(EventError) {
        descriptor = swerve_eventfd(isBlocking ? 1 : 0)
        guard descriptor >= 0 else { throw EventError("eventfd", code: errno) }
    }

    deinit { close(descriptor) }

    func add() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    func wait() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}
