/// A request as an origin saw it.
public struct RecordedRequest: Sendable {
    /// The method.
    public let method: String
    /// The target, byte for byte.
    public let target: String
    /// The version, `HTTP/1.1`.
    public let version: String
    /// The fields in order.
    public let fields: [HeaderField]
    /// The head's bytes, the empty line included.
    public let head: [UInt8]
    /// The body, without its framing; empty while it is still on its way.
    public var body: [UInt8] = []
    /// The trailers of a chunked body.
    public var trailers: [HeaderField] = []
    /// Which connection brought it, counted from 1; probes have none of these numbers.
    public let connection: Int
    /// Its place on that connection, counted from 1.
    public let ordinal: Int

    init(_ message: MessageHead, connection: Int, ordinal: Int) throws {
        let parts = message.startLine.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else { throw MessageFault.malformed("request line \"\(message.startLine)\"") }
        (method, target, version) = (parts[0], parts[1], parts[2])
        fields = message.fields
        head = message.bytes
        self.connection = connection
        self.ordinal = ordinal
    }

    /// The values of a field in order.
    public func values(_ name: String) -> [String] { fields.values(name) }

    /// The first value of a field.
    public subscript(name: String) -> String? { fields[name] }

    /// The head as text.
    public var headText: String { String(decoding: head, as: UTF8.self) }

    /// The body as text.
    public var bodyText: String { String(decoding: body, as: UTF8.self) }

    static func isProbe(_ fields: [HeaderField]) -> Bool {
        fields["User-Agent"]?.hasPrefix("swerve-health/") ?? false
    }
}

/// How a connection ended, seen from the origin.
public enum ConnectionEnding: Sendable, Equatable {
    /// It is still there.
    case open
    /// The other side ended it in order.
    case closed
    /// The other side reset it.
    case reset
    /// The origin ended it.
    case endedHere
    /// What came was not HTTP.
    case malformed(String)
}

/// A connection as an origin saw it.
public struct RecordedConnection: Sendable {
    /// Its number, counted from 1.
    public let number: Int
    /// The bytes that came, up to a few MiB.
    public internal(set) var bytes: [UInt8] = []
    /// How many bytes came.
    public internal(set) var byteCount = 0
    /// How it ended.
    public internal(set) var ending = ConnectionEnding.open
}
