/// What one request leaves behind for the access log, besides its bytes.
public struct AccessLogEntry: Sendable {
    /// Where the parts of the request lie in the bytes that go with the entry; `0..<0` is a part that is missing.
    public struct Parts: Sendable {
        /// The method.
        public var method = 0..<0
        /// The target.
        public var path = 0..<0
        /// The value of `Host`.
        public var host = 0..<0
        /// The value of `User-Agent`.
        public var userAgent = 0..<0
        /// The value of `Referer`.
        public var referer = 0..<0
        /// The request's id.
        public var id = 0..<0
        /// The request line as far as it came, when it could not be taken apart.
        public var line = 0..<0
        /// The minor version of HTTP/1; `nil` when it is not known.
        public var minorVersion: Int?

        /// Nothing known.
        public init() {}
    }

    /// How long the phases of an exchange took, in nanoseconds; one after the other, and after them the rest of the
    /// answer's body, they make up the whole.
    public struct Times: Sendable {
        /// From the first byte of the request to the last of the answer.
        public var total: UInt64 = 0
        /// From the first byte of the request to the last attempt's begin: its head, and what failed before.
        public var queue: UInt64?
        /// Connecting; `nil` when a connection was used again.
        public var connect: UInt64?
        /// From the connection being there to the final head of the answer.
        public var header: UInt64?

        /// Nothing measured.
        public init() {}
    }

    /// What went wrong, in words.
    public struct Failure: Sendable {
        /// A sentence.
        public var sentence: StaticString
        /// What exactly, in another one.
        public var detail: StaticString?

        /// A failure from its sentences.
        public init(_ sentence: StaticString, detail: StaticString? = nil) {
            self.sentence = sentence
            self.detail = detail
        }
    }

    /// Where the parts of the request lie.
    public var parts = Parts()
    /// The address that was hashed.
    public var client: String
    /// The port at the other end of the client's connection; 0 when it has none.
    public var peerPort: UInt16 = 0
    /// The backend that answered, or was tried last; `nil` when none was.
    public var backend: String?
    /// How many attempts were made.
    public var tries = 0
    /// Why the exchange went to the backend.
    public var picked: PickReason?
    /// The status sent; 499 when the client left first.
    public var status: Int
    /// Body bytes that came from the client.
    public var received = 0
    /// Body bytes sent to the client.
    public var sent = 0
    /// How long it took.
    public var times = Times()
    /// How it ended.
    public var end = EndReason.ok
    /// Why it did not go well.
    public var failure: Failure?

    /// An entry that knows the client and what it was told.
    public init(client: String, status: Int) {
        self.client = client
        self.status = status
    }
}
