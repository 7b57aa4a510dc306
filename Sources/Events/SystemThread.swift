internal import CEventShims
internal import CLibevent
internal import Glibc

/// Starts threads.
public enum SystemThread {
    private final class Body {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Runs `body` on a thread of its own, which ends with it. (`pthread_create`)
    ///
    /// Signals are left to the thread that was there first.
    ///
    /// - Throws: when the system has no thread left.
    public static func start(_ body: @escaping @Sendable () -> Void) throws(EventError) {
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Body(body))
        let result = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context.toOpaque()
        )
        guard result == 0 else {
            context.release()
            throw EventError("pthread_create", code: result)
        }
        pthread_detach(thread)
    }
}
