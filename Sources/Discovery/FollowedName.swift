public import Events

/// Follows what a name stands for, by look-ups at a cadence of their own.
///
/// It belongs to its loop's thread.
public final class FollowedName {
    /// What a look-up came to.
    public enum Finding: Sendable, Equatable {
        /// The addresses, at least one, in the order in which to try them.
        case addresses([SocketAddress])
        /// None, for this reason; the look-up may still be going on.
        case nothing(String)
    }

    /// How long a name rests between an answer and the next look-up.
    public struct Cadence: Sendable, Equatable {
        /// After addresses were found.
        public var steady: Duration
        /// After nothing was found.
        public var failing: Duration
        /// However soon it is wanted.
        public var least: Duration

        /// A cadence from its parts.
        public init(steady: Duration, failing: Duration, least: Duration) {
            self.steady = steady
            self.failing = failing
            self.least = least
        }
    }

    private enum State {
        /// It is not followed.
        case paused
        /// The question of this number is on.
        case asking(Int)
        /// The next look-up is planned.
        case resting(since: LoopTime)
    }

    private let host: String
    private let port: UInt16
    private let resolver: NameResolver
    private let loop: EventLoop
    private let found: (Finding) -> Void
    private var cadence: Cadence
    private var state = State.paused
    private var questionCount = 0
    private var timer: Timer?

    /// A name that is not followed yet.
    ///
    /// - Parameters:
    ///   - host: the name.
    ///   - port: the port that its addresses are given.
    ///   - resolver: whom to ask.
    ///   - loop: the loop to run on, which is the resolver's.
    ///   - cadence: when to ask.
    ///   - found: told each finding.
    public init(
        _ host: String,
        port: UInt16,
        resolver: NameResolver,
        on loop: EventLoop,
        cadence: Cadence,
        _ found: @escaping (Finding) -> Void
    ) {
        self.host = host
        self.port = port
        self.resolver = resolver
        self.loop = loop
        self.cadence = cadence
        self.found = found
        timer = Timer(on: loop) { [unowned self] in ask() }
    }

    /// Looks the name up now and follows it from then on.
    public func start() {
        guard case .paused = state else { return }
        ask()
    }

    /// Follows it no more until it is started again.
    public func pause() {
        timer?.cancel()
        state = .paused
    }

    /// Goes by another cadence from the next answer on.
    public func follow(_ cadence: Cadence) {
        self.cadence = cadence
    }

    /// Looks the name up as soon as may be, because what it stood for seems to be wrong.
    public func refresh() {
        guard case .resting(let since) = state else { return }
        let rested = Duration.nanoseconds(Int64(clamping: loop.now.nanoseconds(since: since)))
        timer?.start(after: max(.zero, cadence.least - rested))
    }

    private func ask() {
        questionCount += 1
        let question = questionCount
        state = .asking(question)
        resolver.resolve(host, port: port) { [weak self] in self?.take($0, to: question) }
    }

    private func take(_ answer: NameResolver.Answer, to question: Int) {
        // A pause may have come between.
        guard case .asking(question) = state else { return }
        switch answer {
        case .found(let addresses):
            rest(for: cadence.steady)
            found(.addresses(addresses))
        case .failed(let reason):
            rest(for: cadence.failing)
            found(.nothing(reason))
        case .unanswered:
            // Whoever asks again hears what the look-up that goes on finds in the end.
            ask()
            found(.nothing("no answer within 5 s"))
        }
    }

    private func rest(for pause: Duration) {
        state = .resting(since: loop.now)
        // Names that were asked for at one time are not for ever.
        timer?.start(after: pause * Double.random(in: 0.9...1.1))
    }
}
