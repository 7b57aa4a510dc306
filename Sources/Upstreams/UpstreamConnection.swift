public import Events

/// A connection to a backend, busy with one exchange or idle in the pool.
open class UpstreamConnection: ByteStream {
    /// The position of the backend it leads to.
    public final let backend: Int
    /// It served an exchange before the one it is busy with.
    public final var isReused: Bool { hasServed }
    /// It waits in the pool.
    public final var isIdle: Bool { isResting }

    private final var hasServed = false
    private final var isResting = false

    /// A connection to the backend at `backend`, not open yet.
    public init(to backend: Int, on loop: EventLoop) {
        self.backend = backend
        super.init(on: loop)
    }

    /// The connection closed or said something while it was idle, and must leave the pool; it is closed already.
    open func leftWhileIdle() {}

    /// Goes idle for `limit` at most.
    final func becomeIdle(limit: Duration) {
        isResting = true
        hasServed = true
        resumeReading()
        setDeadline(after: limit)
    }

    /// Comes back from the pool.
    final func becomeBusy() {
        isResting = false
        clearDeadline()
    }

    /// Closes an idle connection and tells its holder.
    public final func leaveIdle() {
        guard isIdle else { return }
        isResting = false
        close()
        leftWhileIdle()
    }
}
