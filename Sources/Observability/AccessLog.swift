public import HTTPMessages

/// Access-log lines on their way out, in memory that is bounded.
///
/// Lines are appended while a turn of the loop runs and taken out at its end. When the reader stalls, whole lines are
/// dropped and counted instead of waited for.
public final class AccessLog {
    /// What one exchange leaves behind, besides the bytes of its request.
    public struct Entry: Sendable {
        /// The client's address.
        public var client: String
        /// The backend that answered, or was tried last; `nil` when none was.
        public var backend: String?
        /// The status sent; 499 when the client left first.
        public var status: Int
        /// Body bytes sent to the client.
        public var bytes: Int
        /// From the first byte of the request to the last of the answer, in nanoseconds.
        public var nanoseconds: UInt64
        /// Why it did not go well, in a sentence.
        public var failure: String?

        /// An entry from its parts.
        public init(
            client: String,
            backend: String?,
            status: Int,
            bytes: Int,
            nanoseconds: UInt64,
            failure: String?
        ) {
            self.client = client
            self.backend = backend
            self.status = status
            self.bytes = bytes
            self.nanoseconds = nanoseconds
            self.failure = failure
        }
    }

    /// Lines waiting to be written.
    public let pending = ByteWriter()
    /// Lines dropped because too many were waiting.
    public var dropped: Int { droppedLines }

    private var droppedLines = 0

    private let capacity: Int

    /// An empty log.
    ///
    /// - Parameter capacity: bytes that may wait.
    public init(capacity: Int = 1 << 20) {
        self.capacity = capacity
    }

    /// Appends one line.
    ///
    /// - Parameters:
    ///   - entry: what happened.
    ///   - head: the bytes of the request's head.
    ///   - method: where in `head` the method lies.
    ///   - path: where in `head` the target lies.
    ///   - userAgent: where in `head` the value of `User-Agent` lies; empty when there is none.
    public func append(
        _ entry: Entry,
        head: ByteWriter,
        method: Range<Int>,
        path: Range<Int>,
        userAgent: Range<Int>
    ) {
        let start = pending.count
        let memory = head.storage
        let head = memory.span
        pending.append("[INSPECT] Method: ")
        appendEscaped(head, method)
        pending.append(" | Path: ")
        appendEscaped(head, path)
        pending.append(" | User-Agent: ")
        appendEscaped(head, userAgent)
        pending.append(" | Client: ")
        pending.append(text: entry.client)
        pending.append(" | Backend: ")
        pending.append(text: entry.backend ?? "-")
        pending.append(" | Status: ")
        pending.append(decimal: entry.status)
        pending.append(" | Bytes: ")
        pending.append(decimal: entry.bytes)
        pending.append(" | Time: ")
        appendMilliseconds(entry.nanoseconds)
        if let failure = entry.failure {
            pending.append(" | Error: ")
            pending.append(text: failure)
        }
        pending.append("\n")
        guard pending.count > capacity else { return }
        pending.truncate(to: start)
        droppedLines += 1
    }

    /// Forgets the first `count` bytes, which were written.
    public func didWrite(_ count: Int) {
        if count == pending.count {
            pending.clear(keepingAtMost: 256 * 1024)
        } else if count > 0 {
            pending.removeFirst(count)
        }
    }

    /// Forgets everything that waits, because it cannot be written, and counts its lines as dropped.
    public func discard() {
        droppedLines += pending.bytes.count { $0 == UInt8(ascii: "\n") }
        pending.clear(keepingAtMost: 256 * 1024)
    }

    /// Takes the number of dropped lines and starts counting anew.
    public func takeDropped() -> Int {
        defer { droppedLines = 0 }
        return droppedLines
    }

    /// Writes bytes of a peer so that they cannot end a line or a field: control bytes, quotes, backslashes, bars and
    /// everything beyond ASCII become `\xHH`, as nginx does.
    private func appendEscaped(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        if range.isEmpty { return pending.append("-") }
        var plain = range.lowerBound
        for index in range {
            let byte = bytes[index]
            guard Self.needsEscape(byte) else { continue }
            pending.append(bytes, plain..<index)
            pending.append("\\x")
            pending.append(Self.hexDigit(byte >> 4))
            pending.append(Self.hexDigit(byte & 15))
            plain = index + 1
        }
        pending.append(bytes, plain..<range.upperBound)
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte > 0x7E || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
            || byte == UInt8(ascii: "|")
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? 48 + value : 55 + value
    }

    private func appendMilliseconds(_ nanoseconds: UInt64) {
        let microseconds = Int(nanoseconds / 1000)
        pending.append(decimal: microseconds / 1000)
        pending.append(".")
        let fraction = microseconds % 1000
        pending.append(UInt8(48 + fraction / 100))
        pending.append(UInt8(48 + fraction / 10 % 10))
        pending.append(UInt8(48 + fraction % 10))
        pending.append("ms")
    }
}
