public import Events

/// A connection to a backend, busy with one exchange or idle in the pool.
open class UpstreamConnection: ByteStream {
    /// The position of the backend it leads to.
    public final let backend: Int
    /// It served an exchange before the one it is busy with.
    public private(set) final var isReused = false
    /// It waits in the pool.
    public private(set) final var isIdle = false

    /// A connection to the backend at `backend`, not open yet.
    public init(to backend: Int, on loop: EventLoop) {
        self.backend = backend
        super.init(on: loop)
    }

    /// The connection closed or said something while it was idle, and must leave the pool; it is closed already.
    open func leftWhileIdle() {}

    /// Goes idle for `limit` at most.
    final func becomeIdle(limit: Duration) {
        isIdle = true
        isReused = true
        resumeReading()
        setDeadline(after: limit)
    }

    /// Comes back from the pool.
    final func becomeBusy() {
        isIdle = false
        clearDeadline()
    }

    /// Closes an idle connection and tells its holder.
    public final func leaveIdle() {
        guard isIdle else { return }
        isIdle = false
        close()
        leftWhileIdle()
    }
}
