/// Bytes being put together in memory that is reused from one message to the next.
///
/// A class, so that it is handed from one writer to the next without a copy and without `inout`.
public final class ByteWriter {
    private var storage: [UInt8]

    /// An empty writer with room for `capacity` bytes before it has to grow.
    public init(capacity: Int = 0) {
        storage = []
        storage.reserveCapacity(capacity)
    }

    /// What was written so far.
    public var bytes: [UInt8] { storage }

    /// The number of bytes written.
    public var count: Int { storage.count }

    /// Whether nothing is written.
    public var isEmpty: Bool { storage.isEmpty }

    /// Forgets the bytes and keeps the memory, unless it grew beyond `limit`.
    public func clear(keepingAtMost limit: Int = .max) {
        if storage.capacity > limit {
            storage = []
        } else {
            storage.removeAll(keepingCapacity: true)
        }
    }

    /// Drops the first `count` bytes.
    public func removeFirst(_ count: Int) {
        storage.removeSubrange(0..<count)
    }

    /// Drops everything after the first `count` bytes.
    public func truncate(to count: Int) {
        storage.removeSubrange(count..<storage.count)
    }

    /// Appends one byte.
    @inline(__always)
    public func append(_ byte: UInt8) {
        storage.append(byte)
    }

    /// Appends bytes.
    public func append(_ span: Span<UInt8>) {
        // One of the two places of the pure targets that say `unsafe`: the span outlives the closure, and
        // a copy byte by byte would cost more than the parsing.
        unsafe span.withUnsafeBufferPointer { unsafe storage.append(contentsOf: $0) }
    }

    /// Appends a part of `span`.
    @inline(__always)
    public func append(_ span: Span<UInt8>, _ range: Range<Int>) {
        append(span.extracting(range))
    }

    /// Appends what another writer holds from `start` on.
    public func append(_ other: ByteWriter, from start: Int = 0) {
        let source = other.storage
        append(source.span.extracting(start...))
    }

    /// Appends literal text.
    @inline(__always)
    public func append(_ text: StaticString) {
        text.withUTF8Buffer { unsafe storage.append(contentsOf: $0) }
    }

    /// Appends text that is not on the hot path.
    public func append(text: String) {
        storage.append(contentsOf: text.utf8)
    }

    /// Appends a number in decimal.
    public func append(decimal value: Int) {
        append(digitsOf: UInt64(max(value, 0)), radix: 10)
    }

    /// Appends a number in lower-case hexadecimal.
    public func append(hexadecimal value: Int) {
        append(digitsOf: UInt64(max(value, 0)), radix: 16)
    }

    private func append(digitsOf value: UInt64, radix: UInt64) {
        var divisor: UInt64 = 1
        while value / divisor >= radix { divisor *= radix }
        var rest = value
        while divisor > 0 {
            let digit = UInt8(rest / divisor)
            storage.append(digit < 10 ? 48 + digit : 87 + digit)
            rest %= divisor
            divisor /= radix
        }
    }
}
