internal import CEventShims
internal import CLibevent
internal import Glibc
internal import Synchronization

/// Looks host names up on a thread of its own, so that a slow name server never holds the loop. (`getaddrinfo`)
///
/// One look-up runs at a time; a name that takes long delays other names only.
public final class NameResolver {
    /// What a look-up found.
    public enum Answer: Sendable, Equatable {
        /// The addresses, at least one: IPv4 first, because a backend that has both families and listens on one only
        /// mostly listens on that one; otherwise in the system's order.
        case found([SocketAddress])
        /// The name has none; the text is the system's reason.
        case failed(String)
    }

    private struct Question: Sendable {
        let id: Int
        let host: String
        let port: UInt16
    }

    /// What the two threads share.
    private final class Desk: Sendable {
        let questions = Mutex<[Question]>([])
        let answers = Mutex<[Int: Answer]>([:])
        let isClosed = Atomic<Bool>(false)
        let work: EventCounter

        init(work: EventCounter) { self.work = work }

        /// The thread's whole life: wait for work, look names up, ring.
        func serve(_ answered: Wakeup.Bell) {
            while true {
                work.wait()
                if isClosed.load(ordering: .acquiring) { return }
                while let question = questions.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                    let answer = lookUp(question.host, port: question.port)
                    if isClosed.load(ordering: .acquiring) { return }
                    answers.withLock { $0[question.id] = answer }
                    answered.ring()
                }
            }
        }
    }

    private let desk: Desk
    private var completions: [Int: (Answer) -> Void] = [:]
    private var nextID = 0
    private var wakeup: Wakeup?

    /// A resolver that answers on `loop`.
    ///
    /// - Throws: when the system has no descriptor or thread left for it.
    public init(on loop: EventLoop) throws(EventError) {
        desk = Desk(work: try EventCounter(isBlocking: true))
        let wakeup = try Wakeup(on: loop) { [unowned self] in collectAnswers() }
        self.wakeup = wakeup
        let desk = desk
        let bell = wakeup.bell
        try SystemThread.start { desk.serve(bell) }
    }

    deinit {
        desk.isClosed.store(true, ordering: .releasing)
        desk.work.add()
    }

    /// Looks `host` up and calls `completion` on the loop, never before this returns.
    public func resolve(_ host: String, port: UInt16, _ completion: @escaping (Answer) -> Void) {
        let id = nextID
        nextID += 1
        completions[id] = completion
        desk.questions.withLock { $0.append(Question(id: id, host: host, port: port)) }
        desk.work.add()
    }

    private func collectAnswers() {
        let answers = desk.answers.withLock { answers in
            defer { answers = [:] }
            return answers
        }
        for (id, answer) in answers.sorted(by: { $0.key < $1.key }) {
            completions.removeValue(forKey: id)?(answer)
        }
    }

    private static func lookUp(_ host: String, port: UInt16) -> Answer {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard result == 0 else { return .failed(String(cString: gai_strerror(result))) }
        var addresses: [SocketAddress] = []
        var entry = list
        while let current = entry {
            if let address = current.pointee.ai_addr.flatMap({ SocketAddress($0) }) {
                addresses.append(address)
            }
            entry = current.pointee.ai_next
        }
        guard !addresses.isEmpty else { return .failed("no address") }
        return .found(addresses.filter(\.isIPv4) + addresses.filter { !$0.isIPv4 })
    }
}
