public import Configuration
internal import Events
internal import HTTPMessages

/// A question to the admin listener of a running instance, asked by another process of the same program.
public struct AdminInquiry: Sendable {
    /// What came back.
    public struct Answer: Sendable, Equatable {
        /// 200 to 599.
        public let status: Int
        /// The body as text, without the line break at its end.
        public let text: String

        /// The lines of the body without control characters: whoever answered may be anybody.
        public var lines: [String] {
            text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                let printable = line.filter { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
                return String(String.UnicodeScalarView(printable))
            }
        }
    }

    /// Why there was no answer, in words.
    public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// For example `no answer from 127.0.0.1:8001: Connection refused`.
        public let description: String
    }

    /// Where the question goes: the address that is listened on, or the loopback where that is every address.
    public let address: ListenAddress
    private let token: String?
    private let timeout: Duration

    /// A question to whoever listens on `address`.
    ///
    /// - Parameters:
    ///   - address: where the instance listens.
    ///   - token: what it asks for before it tells; `nil` where nothing is known of one.
    ///   - timeout: how long everything together may take.
    public init(to address: ListenAddress, token: String? = nil, timeout: Duration = .seconds(2)) {
        self.address = address.reachable
        self.token = token
        self.timeout = timeout
    }

    /// Asks for `target`, a path with its query, and waits for the answer.
    public func get(_ target: String) -> Result<Answer, Failure> {
        guard address.port != 0 else {
            return .failure(Failure(description: "port 0 is none to ask; name the port that was bound"))
        }
        do {
            guard let socket = SocketAddress(literal: address.host ?? "", port: address.port) else {
                throw EventError("ask", code: 0)
            }
            let loop = try EventLoop()
            let authorization = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
            let stream = InquiryStream(
                "GET \(target) HTTP/1.1\r\nHost: \(address)\r\n\(authorization)Connection: close\r\n\r\n",
                timeout: timeout.configurationText,
                on: loop
            )
            try stream.connect(to: socket, timeout: LoopInterval(timeout))
            stream.setDeadline(after: LoopInterval(timeout))
            loop.run()
            return stream.result.mapError { failure($0.reason) }
        } catch {
            return .failure(failure("\(error)"))
        }
    }

    private func failure(_ reason: String) -> Failure {
        Failure(description: "no answer from \(address): \(reason)")
    }
}

/// The connection a question is asked on; it stops its loop when it has the answer, or will get none.
private final class InquiryStream: ByteStream {
    struct NoAnswer: Error {
        let reason: String
    }

    private(set) var result = Result<AdminInquiry.Answer, NoAnswer>.failure(NoAnswer(reason: "interrupted"))

    private let request: [UInt8]
    private let timeout: String
    private let head = ResponseHead()
    private var decoder: BodyDecoder?
    private var body: [UInt8] = []

    /// Whatever answers may be anything, so neither part of its answer may be long.
    private static let limits = HeadLimits(maxSize: 16_384, maxFields: 100)
    private static let maxBody = 65_536

    init(_ request: String, timeout: String, on loop: EventLoop) {
        self.request = Array(request.utf8)
        self.timeout = timeout
        super.init(on: loop)
    }

    override func ready() {
        let bytes = request
        send(bytes.span)
    }

    override func connectFailed(_ code: Int32) {
        code == SystemError.timedOut ? deadlinePassed() : finish("\(SystemError.text(code))")
    }

    override func received(_ bytes: Span<UInt8>) -> Int {
        var position = 0
        do {
            while decoder == nil {
                guard let length = try head.parse(bytes.extracting(position...), limits: Self.limits) else {
                    return position
                }
                position += length
                if head.status >= 200 {
                    decoder = BodyDecoder(head.framing(answering: .idempotent), maxTrailers: 1_024)
                }
            }
            try readBody(bytes, from: &position)
        } catch {
            finish("malformed: \(error.sentence)")
        }
        return bytes.count
    }

    private func readBody(_ bytes: Span<UInt8>, from position: inout Int) throws(MessageError) {
        while isOpen, let step = try decoder?.next(bytes, at: &position) {
            switch step {
            case .data(let piece):
                guard body.count + piece.count <= Self.maxBody else { return finish("it is too long") }
                for index in piece { body.append(bytes[index]) }
            case .needsMore: return
            case .end: return answer()
            }
        }
    }

    override func ended(_ end: InputEnd) {
        guard let decoder, decoder.endsAtClose else {
            return finish("the connection ended too early")
        }
        answer()
    }

    override func failed(_ code: Int32) { finish(SystemError.text(code)) }

    override func outputFailed(timedOut: Bool) { finish("the connection broke") }

    override func deadlinePassed() { finish("none within \(timeout)") }

    private func answer() {
        if body.last == 0x0A { body.removeLast() }
        result = .success(
            AdminInquiry.Answer(status: head.status, text: String(decoding: body, as: UTF8.self))
        )
        close()
        loop.stop()
    }

    private func finish(_ reason: String) {
        result = .failure(NoAnswer(reason: reason))
        close()
        loop.stop()
    }
}

extension ListenAddress {
    /// An address under which a process of the same machine reaches a listener on this one.
    var reachable: ListenAddress {
        switch host {
        case nil, "0.0.0.0": ListenAddress(host: "127.0.0.1", port: port)
        case "::": ListenAddress(host: "::1", port: port)
        default: self
        }
    }
}
