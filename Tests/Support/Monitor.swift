import Glibc

/// State behind a lock, with a way to wait for it to become something.
///
/// Unchecked because the compiler cannot see that `state` is only touched with the mutex held.
public final class Monitor<State>: @unchecked Sendable {
    private var state: State
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    /// A monitor over an initial state.
    public init(_ state: sending State) {
        self.state = state
        pthread_mutex_init(mutex, nil)
        // A wait must not end early or late because somebody sets the wall clock.
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Looks at the state, or changes it; everyone who waits looks again.
    public func access<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(mutex)
        }
        return try body(&state)
    }

    /// Looks at the state without waking anybody.
    public func read<Result>(_ body: (State) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(state)
    }

    /// Waits until `answer` has one; `nil` when the time is up.
    public func wait<Result>(until deadline: Deadline, for answer: (inout State) -> Result?) -> Result? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = answer(&state) {
                pthread_cond_broadcast(changed)
                return result
            }
            if deadline.hasPassed { return nil }
            var moment = deadline.monotonic
            pthread_cond_timedwait(changed, mutex, &moment)
        }
    }
}

/// A door that is closed until the test opens it; then it stays open.
public final class Gate: Sendable {
    private let state = Monitor(false)

    /// A closed gate.
    public init() {}

    /// Whether it was opened.
    public var isOpen: Bool { state.read { $0 } }

    /// Lets everyone through from now on.
    public func open() {
        state.access { $0 = true }
    }

    /// Waits for the gate; false when it stayed closed.
    @discardableResult
    public func wait(until deadline: Deadline = .after(.seconds(180))) -> Bool {
        state.wait(until: deadline) { $0 ? true : nil } ?? false
    }
}

private final class ThreadBody {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Runs `body` on a thread of its own, so that a peer that blocks never takes a thread from the tests.
public func onNewThread(_ body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, 512 * 1024)
    defer { pthread_attr_destroy(&attributes) }
    let context = Unmanaged.passRetained(ThreadBody(body)).toOpaque()
    var thread = pthread_t()
    let code = pthread_create(
        &thread,
        &attributes,
        { context in
            if let context { Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run() }
            return nil
        },
        context
    )
    precondition(code == 0, "pthread_create: \(errorText(code))")
}

/// Runs `body` once per index, each on its own thread, and hands back the results in order.
///
/// A result that is missing at the deadline is `nil`.
public func concurrently<Result: Sendable>(
    _ count: Int,
    within limit: Duration = .seconds(180),
    _ body: @escaping @Sendable (Int) -> Result
) -> [Result?] {
    let results = Monitor([Result?](repeating: nil, count: count))
    for index in 0..<count {
        onNewThread {
            let result = body(index)
            results.access { $0[index] = result }
        }
    }
    _ = results.wait(until: .after(limit)) { $0.allSatisfy { $0 != nil } ? true : nil }
    return results.read { $0 }
}

/// What the system says about an error number.
func errorText(_ code: Int32) -> String {
    String(cString: strerror(code))
}
