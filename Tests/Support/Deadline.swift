import Glibc

/// A moment after which waiting is over.
///
/// Every wait of the suite has one, so that a balancer that hangs fails a test instead of hanging it.
public struct Deadline: Sendable {
    /// The default patience: far above what a healthy exchange takes on a busy machine, and below the minute after which
    /// the balancer's own limits end a request, an answer or a rest.
    public static let patience: Duration = .seconds(45)

    let end: ContinuousClock.Instant

    /// A moment `delay` from now.
    public static func after(_ delay: Duration = patience) -> Deadline {
        Deadline(end: ContinuousClock.now + delay)
    }

    /// Whether the moment is over.
    public var hasPassed: Bool { ContinuousClock.now >= end }

    /// What is left, never negative.
    public var remaining: Duration { max(.zero, end - ContinuousClock.now) }

    /// What is left as `poll` wants it, rounded up so that a wait never spins on its last millisecond.
    var pollTimeout: Int32 {
        let (seconds, attoseconds) = remaining.components
        let milliseconds = seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(clamping: milliseconds)
    }

    /// The same moment on the system's monotonic clock.
    var monotonic: timespec {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let (seconds, attoseconds) = remaining.components
        let nanoseconds = Int(now.tv_nsec) + Int(attoseconds / 1_000_000_000)
        return timespec(
            tv_sec: now.tv_sec + Int(seconds) + nanoseconds / 1_000_000_000,
            tv_nsec: nanoseconds % 1_000_000_000
        )
    }
}

/// Asks until `condition` holds or the time is up, for facts that announce themselves nowhere (files in `/proc`).
public func eventually(
    within limit: Duration = Deadline.patience,
    _ condition: () throws -> Bool
) rethrows -> Bool {
    let deadline = Deadline.after(limit)
    while true {
        if try condition() { return true }
        if deadline.hasPassed { return false }
        poll(nil, 0, 5)
    }
}

/// Lets time pass, for tests whose subject is time itself.
public func pass(_ duration: Duration) {
    _ = eventually(within: duration) { false }
}

/// Runs `body` and says how long it took.
public func timed<Result>(_ body: () throws -> Result) rethrows -> (result: Result, took: Duration) {
    let start = ContinuousClock.now
    let result = try body()
    return (result, ContinuousClock.now - start)
}

extension Duration {
    /// The duration in seconds, for comparisons and messages.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
