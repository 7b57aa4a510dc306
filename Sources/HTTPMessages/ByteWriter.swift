/// Bytes being put together in memory that is reused from one message to the next.
public struct ByteWriter: Sendable {
    /// What was written so far.
    public private(set) var bytes: [UInt8]

    /// An empty writer with room for `capacity` bytes before it has to grow.
    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// The number of bytes written.
    public var count: Int { bytes.count }

    /// Whether nothing is written.
    public var isEmpty: Bool { bytes.isEmpty }

    /// Forgets the bytes and keeps the memory, unless it grew beyond `limit`.
    public mutating func clear(keepingAtMost limit: Int = .max) {
        if bytes.capacity > limit {
            bytes = []
        } else {
            bytes.removeAll(keepingCapacity: true)
        }
    }

    /// Drops the first `count` bytes.
    public mutating func removeFirst(_ count: Int) {
        bytes.removeSubrange(0..<count)
    }

    /// Drops everything after the first `count` bytes.
    public mutating func truncate(to count: Int) {
        bytes.removeSubrange(count..<bytes.count)
    }

    /// Appends one byte.
    @inline(__always)
    public mutating func append(_ byte: UInt8) {
        bytes.append(byte)
    }

    /// Appends bytes.
    public mutating func append(_ span: Span<UInt8>) {
        // One of the two places of the pure targets that say `unsafe`: the span outlives the closure, and
        // a copy byte by byte would cost more than the parsing.
        unsafe span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    /// Appends a part of `span`.
    @inline(__always)
    public mutating func append(_ span: Span<UInt8>, _ range: Range<Int>) {
        append(span.extracting(range))
    }

    /// Appends what another writer holds from `start` on.
    public mutating func append(_ other: ByteWriter, from start: Int = 0) {
        append(other.bytes.span.extracting(start...))
    }

    /// Appends literal text.
    @inline(__always)
    public mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    }

    /// Appends text that is not on the hot path.
    public mutating func append(text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// Appends a number in decimal.
    public mutating func append(decimal value: Int) {
        append(digitsOf: UInt64(max(value, 0)), radix: 10)
    }

    /// Appends a number in lower-case hexadecimal.
    public mutating func append(hexadecimal value: Int) {
        append(digitsOf: UInt64(max(value, 0)), radix: 16)
    }

    private mutating func append(digitsOf value: UInt64, radix: UInt64) {
        var divisor: UInt64 = 1
        while value / divisor >= radix { divisor *= radix }
        var rest = value
        while divisor > 0 {
            let digit = UInt8(rest / divisor)
            bytes.append(digit < 10 ? 48 + digit : 87 + digit)
            rest %= divisor
            divisor /= radix
        }
    }
}
