internal import CEventShims
internal import CLibevent
internal import Glibc

/// Bytes in: one read into the loop's scratch memory for each event, and what was not taken is held.
extension ByteStream {
    /// Whether bytes are held that the receiver did not take.
    public var heldCount: Int { held.count }

    /// Shows the held bytes without taking any.
    public func peekHeld(_ body: (Span<UInt8>) -> Void) {
        let bytes = held
        body(bytes.span)
    }

    /// Whether `received` is being called, so that more bytes may be there than are held.
    public var isReceiving: Bool { isReceivingBytes }

    /// Stops reading, so that the peer's data piles up in the system instead of here. (`event_del`)
    public func pauseReading() {
        guard isReading, let readEvent else { return }
        isReading = false
        event_del(readEvent)
    }

    /// Reads again. (`event_add`)
    public func resumeReading() {
        guard !isReading, !isAtEnd, let readEvent else { return }
        isReading = true
        event_add(readEvent, nil)
    }

    /// Presents the held bytes again at the end of this turn.
    public func deliverHeldSoon() {
        guard !isDeferred, carrier != nil else { return }
        isDeferred = true
        loop.deferDelivery(to: self)
    }

    /// Whether the peer, as far as is known without waiting, has neither sent anything nor closed.
    public func isSilent() -> Bool {
        carrier != nil && !isAtEnd && heldCount == 0 && transportIsSilent()
    }

    func deliverDeferred() {
        isDeferred = false
        guard carrier != nil else { return }
        deliverHeld()
    }

    func readable() {
        let count = transportReceive(into: loop.scratch)
        if count > 0 {
            didReceive(count)
            deliver(UnsafeRawBufferPointer(rebasing: loop.scratch[0..<count]))
        } else if count == 0 {
            hasEnded = true
            pauseReading()
            if isDiscarding { return closeDiscarding() }
            // A write may have met the reset that this end stands for, and taken it away from the read.
            if isOutputReset { return failed(ECONNRESET) }
            if isDeferred { deliverHeld() }
            guard carrier != nil else { return }
            ended(.announced)
        } else if errno != EAGAIN, errno != EINTR {
            let code = errno
            hasEnded = true
            hasBrokenOutput = true
            pauseReading()
            if isDiscarding { return close() }
            failed(code)
        }
    }

    private func deliver(_ fresh: UnsafeRawBufferPointer) {
        if isDiscarding { return }
        guard held.isEmpty else { return deliverHeld(and: fresh) }
        let bytes = fresh.assumingMemoryBound(to: UInt8.self)
        isReceivingBytes = true
        let taken = received(bytes.span)
        isReceivingBytes = false
        if taken < bytes.count, carrier != nil, !isDiscarding { hold(bytes[taken...]) }
    }

    /// Apart from `deliver`, which mostly neither finds nor leaves anything held.
    @inline(never)
    private func deliverHeld(and fresh: UnsafeRawBufferPointer) {
        var all = held
        held = []
        all.append(contentsOf: fresh)
        held = all
        deliverHeld()
    }

    @inline(never)
    private func hold(_ rest: Slice<UnsafeBufferPointer<UInt8>>) {
        held = Array(rest)
    }

    private func deliverHeld() {
        guard !held.isEmpty else { return }
        var bytes = held
        held = []
        isReceivingBytes = true
        let taken = received(bytes.span)
        isReceivingBytes = false
        guard taken < bytes.count, carrier != nil, !isDiscarding else { return }
        if taken > 0 { bytes.removeSubrange(0..<taken) }
        held = bytes
    }
}
