internal import CEventShims
internal import CLibevent
internal import Glibc

/// One deadline at a time, on a timer that is started rarely.
extension ByteStream {
    /// Has `deadlinePassed` called after `interval`, replacing any earlier deadline; zero clears it.
    ///
    /// Moving a deadline back costs a store: a timer already running looks at the time when it fires and waits on.
    public func setDeadline(after interval: LoopInterval) {
        guard interval != .zero, carrier != nil else { return clearDeadline() }
        deadline = loop.now.nanoseconds + interval.nanoseconds
        if timerExpiry == 0 || timerExpiry > deadline { startTimer(interval.nanoseconds) }
    }

    /// Forgets the deadline.
    public func clearDeadline() {
        deadline = 0
    }

    private func startTimer(_ length: UInt64) {
        if timerEvent == nil {
            timerEvent = event_new(
                loop.base,
                -1,
                0,
                { _, _, context in borrowed(context, as: ByteStream.self) { $0.timerFired() } },
                Unmanaged.passUnretained(self).toOpaque()
            )
        }
        guard let timerEvent else { return }
        timerExpiry = loop.now.nanoseconds + length
        var time = timeval(nanoseconds: length)
        event_add(timerEvent, &time)
    }

    func timerFired() {
        timerExpiry = 0
        guard deadline != 0 else { return }
        let now = loop.now.nanoseconds
        if now + 1_000_000 < deadline { return startTimer(deadline - now) }
        deadline = 0
        if isDiscarding { return close() }
        deadlinePassed()
    }
}
