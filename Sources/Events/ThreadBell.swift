internal import CEventShims
internal import CLibevent
internal import Glibc

/// What a thread without a loop sleeps on until another thread rings. (`eventfd`, `poll`)
public final class ThreadBell: Sendable {
    private let counter: EventCounter

    /// A bell that was not rung yet.
    ///
    /// - Throws: when the system has no descriptor left for it.
    public init() throws(EventError) {
        counter = try EventCounter(isBlocking: false)
    }

    /// Wakes whoever sleeps, or keeps the next one from sleeping.
    public func ring() { counter.add() }

    /// Sleeps until it is rung; several rings are one.
    ///
    /// - Parameter limit: how long at most, rounded up to milliseconds; `nil` is without limit.
    public func wait(atMost limit: Duration? = nil) {
        var poll = pollfd(fd: counter.descriptor, events: Int16(POLLIN), revents: 0)
        let milliseconds = limit.map { Int32(clamping: ($0.nanoseconds + 999_999) / 1_000_000) }
        // An interrupted sleep is a short one.
        if Glibc.poll(&poll, 1, milliseconds ?? -1) == 1 { counter.wait() }
    }
}
