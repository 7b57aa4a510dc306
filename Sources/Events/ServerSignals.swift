internal import CEventShims
internal import CLibevent
internal import Glibc

/// Holds back the signals that a server answers to, before it can answer and when it has ended.
///
/// The system's own answer to each of them is to end the process.
public enum ServerSignals {
    private static let numbers = [SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2]

    /// Has the signals wait. (`pthread_sigmask`)
    public static func hold() { setMask(SIG_BLOCK) }

    /// Delivers those that came meanwhile, and every one from now on.
    public static func release() { setMask(SIG_UNBLOCK) }

    private static func setMask(_ how: Int32) {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in numbers { sigaddset(&signals, number) }
        pthread_sigmask(how, &signals, nil)
    }
}
