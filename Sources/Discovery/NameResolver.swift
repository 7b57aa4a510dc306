public import Events
internal import Synchronization

/// Looks host names up beside the loop, several at a time, and answers in time whatever the name servers do.
///
/// - A name is looked up once at a time; all who ask meanwhile share the answer.
/// - Whoever asks has an answer after 5 s at the latest, be it that there is none yet.
/// - Four look-ups run at a time. One that takes more than a second no longer counts among them, so that names whose
///   servers do not answer hold the others up for a moment only; with such look-ups no more than 32 threads run.
///
/// Each look-up has a thread that ends with it: the system's resolver cannot be interrupted, and a look-up that hangs
/// must not keep a thread that others wait for. It belongs to its loop's thread.
public final class NameResolver {
    /// What whoever asked is told.
    public enum Answer: Sendable, Equatable {
        /// The addresses, at least one, in the order in which to try them.
        case found([SocketAddress])
        /// The name has none; the text is the system's reason.
        case failed(String)
        /// The look-up goes on; whoever asks again shares its answer.
        case unanswered
    }

    /// How long and how many; the defaults are those above.
    struct Limits {
        var answer = Duration.seconds(5)
        var promptTime = Duration.seconds(1)
        var promptLookUps = 4
        var threads = 32
    }

    /// Somebody who waits for an answer.
    private final class Asker {
        let port: UInt16
        let completion: (Answer) -> Void
        var timer: Timer?

        init(port: UInt16, _ completion: @escaping (Answer) -> Void) {
            self.port = port
            self.completion = completion
        }
    }

    /// The look-up of one name.
    private struct LookUp {
        enum Progress {
            /// No thread has begun.
            case queued
            /// It runs; the timer tells when it has taken long.
            case prompt(Timer)
            /// It runs and has taken long.
            case slow
        }

        var progress = Progress.queued
        var askers: [Asker] = []
    }

    /// What the threads put down for the loop.
    private final class Answers: Sendable {
        private let arrived = Mutex<[(host: String, answer: HostLookup.Answer)]>([])

        func put(_ answer: HostLookup.Answer, for host: String) {
            arrived.withLock { $0.append((host, answer)) }
        }

        func takeAll() -> [(host: String, answer: HostLookup.Answer)] {
            arrived.withLock { arrived in
                defer { arrived = [] }
                return arrived
            }
        }
    }

    private let loop: EventLoop
    private let limits: Limits
    private let find: @Sendable (String) -> HostLookup.Answer
    private let answers = Answers()
    private var wakeup: Wakeup?
    private var lookUps: [String: LookUp] = [:]
    /// The names whose look-ups no thread has begun, in the order they were asked for.
    private var queue: [String] = []
    private var promptCount = 0
    private var threadCount = 0

    /// A resolver that answers on `loop`.
    ///
    /// - Throws: when the system has no descriptor left for it.
    public convenience init(on loop: EventLoop) throws(EventError) {
        try self.init(on: loop, limits: Limits(), find: HostLookup.addresses(of:))
    }

    /// A resolver that finds names by `find`, which may block.
    ///
    /// - Throws: when the system has no descriptor left for it.
    public convenience init(
        on loop: EventLoop,
        find: @escaping @Sendable (String) -> HostLookup.Answer
    ) throws(EventError) {
        try self.init(on: loop, limits: Limits(), find: find)
    }

    init(
        on loop: EventLoop,
        limits: Limits,
        find: @escaping @Sendable (String) -> HostLookup.Answer
    ) throws(EventError) {
        self.loop = loop
        self.limits = limits
        self.find = find
        wakeup = try Wakeup(on: loop) { [unowned self] in takeAnswers() }
    }

    /// Looks `host` up and calls `completion` once on the loop, after this returned and within 5 s.
    public func resolve(_ host: String, port: UInt16, _ completion: @escaping (Answer) -> Void) {
        let asker = Asker(port: port, completion)
        let timer = Timer(on: loop) { [unowned self, unowned asker] in giveUp(asker, on: host) }
        timer.start(after: limits.answer)
        asker.timer = timer
        if lookUps[host] == nil {
            lookUps[host] = LookUp()
            queue.append(host)
        }
        lookUps[host]?.askers.append(asker)
        beginQueued()
    }

    private func beginQueued() {
        while promptCount < limits.promptLookUps, threadCount < limits.threads, !queue.isEmpty {
            begin(queue.removeFirst())
        }
    }

    private func begin(_ host: String) {
        guard let bell = wakeup?.bell else { return }
        promptCount += 1
        threadCount += 1
        let timer = Timer(on: loop) { [unowned self] in becameSlow(host) }
        timer.start(after: limits.promptTime)
        lookUps[host]?.progress = .prompt(timer)
        do {
            try SystemThread.start { [answers, find] in
                answers.put(find(host), for: host)
                bell.ring()
            }
        } catch {
            answers.put(.failed("\(error)"), for: host)
            bell.ring()
        }
    }

    private func becameSlow(_ host: String) {
        lookUps[host]?.progress = .slow
        promptCount -= 1
        beginQueued()
    }

    private func giveUp(_ asker: Asker, on host: String) {
        lookUps[host]?.askers.removeAll { $0 === asker }
        // A name that is not asked for any more needs no thread.
        if let lookUp = lookUps[host], case .queued = lookUp.progress, lookUp.askers.isEmpty {
            lookUps[host] = nil
            queue.removeAll { $0 == host }
        }
        asker.completion(.unanswered)
    }

    private func takeAnswers() {
        for (host, answer) in answers.takeAll() {
            guard let lookUp = lookUps.removeValue(forKey: host) else { continue }
            threadCount -= 1
            if case .prompt = lookUp.progress { promptCount -= 1 }
            for asker in lookUp.askers {
                asker.timer?.cancel()
                switch answer {
                case .found(let ips):
                    asker.completion(.found(ips.map { SocketAddress(ip: $0, port: asker.port) }))
                case .failed(let reason): asker.completion(.failed(reason))
                }
            }
        }
        beginQueued()
    }
}
