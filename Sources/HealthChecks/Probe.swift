internal import Events
internal import HTTPMessages

/// One health request on a connection of its own: a reused one could hide that connecting fails.
final class Probe: ByteStream {
    /// What a probe found.
    enum Result {
        /// The status of the answer.
        case answered(Int)
        /// There was no answer to judge; the text says why.
        case failed(String)
        /// This machine has run out of something, which says nothing about the backend; the text says of what.
        case impossible(String)
    }

    private let request: [UInt8]
    private let timeoutText: String
    private var completion: ((Result) -> Void)?
    private let head = ResponseHead()

    /// A probe that sends `request` once it is connected.
    ///
    /// - Parameters:
    ///   - request: the bytes of a request without a body.
    ///   - timeoutText: the timeout, for the reason of a failure.
    ///   - loop: the loop to run on.
    ///   - completion: told the result, once.
    init(
        sending request: [UInt8],
        timeoutText: String,
        on loop: EventLoop,
        completion: @escaping (Result) -> Void
    ) {
        self.request = request
        self.timeoutText = timeoutText
        self.completion = completion
        super.init(on: loop)
    }

    /// Starts; the timeout covers everything up to the end of the answer's head.
    func start(to address: SocketAddress, timeout: LoopInterval) {
        do {
            try connect(to: address, timeout: timeout)
            setDeadline(after: timeout)
        } catch {
            let reason = SystemError.text(error.code).lowercasedFirst
            complete(error.isLocalShortage ? .impossible(reason) : .failed(reason))
        }
    }

    /// Gives up without a result.
    func cancel() {
        completion = nil
        close()
    }

    override func ready() {
        let bytes = request
        send(bytes.span)
    }

    override func connectFailed(_ code: Int32) {
        complete(code == SystemError.timedOut ? timedOut : .failed(SystemError.text(code).lowercasedFirst))
    }

    override func received(_ bytes: Span<UInt8>) -> Int {
        let limits = HeadLimits(maxSize: 65_536, maxFields: 1000)
        var position = 0
        do {
            while let length = try head.parse(bytes.extracting(position...), limits: limits) {
                if head.status >= 200 {
                    complete(.answered(head.status))
                    return bytes.count
                }
                position += length
            }
        } catch {
            complete(.failed("malformed answer: \(error.sentence)"))
            return bytes.count
        }
        return position
    }

    override func ended(_ end: InputEnd) { complete(.failed("closed the connection without an answer")) }

    override func failed(_ code: Int32) { complete(.failed(SystemError.text(code).lowercasedFirst)) }

    override func outputFailed(timedOut: Bool) { complete(self.timedOut) }

    override func deadlinePassed() { complete(timedOut) }

    private var timedOut: Result { .failed("no answer within \(timeoutText); see --health-timeout") }

    private func complete(_ result: Result) {
        close()
        completion.take()?(result)
    }
}

extension String {
    fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
