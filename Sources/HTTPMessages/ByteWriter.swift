/// Bytes being put together in memory that is reused from one message to the next.
///
/// A class, so that it is handed from one writer to the next without a copy and without `inout`.
public final class ByteWriter {
    /// Memory that is reused; the first `count` bytes of it are written.
    ///
    /// All of it is initialised, so that a piece is appended by one copy and not by the steps of an array that grows.
    public private(set) var storage: [UInt8]
    /// The number of bytes written.
    public private(set) var count = 0

    /// An empty writer with room for `capacity` bytes before it has to grow.
    public init(capacity: Int = 0) {
        storage = Array(repeating: 0, count: capacity)
    }

    /// A copy of what was written so far; `storage` is there for a look without a copy.
    public var bytes: [UInt8] { Array(storage[..<count]) }

    /// Whether nothing is written.
    public var isEmpty: Bool { count == 0 }

    /// Forgets the bytes and keeps the memory, unless it grew beyond `limit`.
    public func clear(keepingAtMost limit: Int = .max) {
        if storage.count > limit { storage = [] }
        count = 0
    }

    /// Swaps memory with another holder, who has written nothing: what was written is theirs then.
    ///
    /// - Parameters:
    ///   - memory: what is taken in exchange, every byte of it initialised.
    ///   - written: how many bytes were written.
    public func swapMemory(with memory: inout [UInt8], _ written: inout Int) {
        swap(&storage, &memory)
        written = count
        count = 0
    }

    /// Drops the first `dropped` bytes.
    public func removeFirst(_ dropped: Int) {
        storage.removeSubrange(0..<dropped)
        count -= dropped
    }

    /// Drops everything after the first `kept` bytes.
    public func truncate(to kept: Int) {
        count = kept
    }

    /// Appends one byte.
    @inline(__always)
    public func append(_ byte: UInt8) {
        if count == storage.count { grow(to: count + 1) }
        storage[count] = byte
        count += 1
    }

    /// Appends bytes.
    public func append(_ span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { unsafe append(copying: $0) }
    }

    /// Appends a part of `span`.
    @inline(__always)
    public func append(_ span: Span<UInt8>, _ range: Range<Int>) {
        append(span.extracting(range))
    }

    /// Appends what another writer holds from `start` on.
    public func append(_ other: ByteWriter, from start: Int = 0) {
        let source = other.storage
        append(source.span, start..<other.count)
    }

    /// Appends what another writer holds at `range`.
    public func append(_ other: ByteWriter, at range: Range<Int>) {
        let source = other.storage
        append(source.span, range)
    }

    /// Appends literal text.
    @inlinable
    public func append(_ text: StaticString) {
        unsafe append(copying: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends text.
    public func append(text: String) {
        var text = text
        text.withUTF8 { unsafe append(copying: $0) }
    }

    /// Appends a number in decimal.
    public func append(decimal value: Int) {
        append(digitsOf: UInt64(max(value, 0)), radix: 10)
    }

    /// Appends a number in lower-case hexadecimal.
    public func append(hexadecimal value: Int) {
        append(digitsOf: UInt64(max(value, 0)), radix: 16)
    }

    /// Inlined, so that the divisions are by a constant.
    @inline(__always)
    private func append(digitsOf value: UInt64, radix: UInt64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var start = 20
        var rest = value
        repeat {
            let digit = UInt8(truncatingIfNeeded: rest % radix)
            start -= 1
            digits[start] = digit < 10 ? 48 + digit : 87 + digit
            rest /= radix
        } while rest > 0
        append(digits.span, start..<20)
    }

    /// One of the two places of the pure targets that say `unsafe`: the pointer is used within the call only, and a
    /// copy byte by byte would cost more than the parsing.
    @usableFromInline
    func append(copying source: UnsafeBufferPointer<UInt8>) {
        let start = count
        let end = start + source.count
        if end > storage.count { grow(to: end) }
        unsafe storage.withUnsafeMutableBytes { target in
            let place = unsafe UnsafeMutableRawBufferPointer(rebasing: target[start..<end])
            unsafe place.copyMemory(from: UnsafeRawBufferPointer(source))
        }
        count = end
    }

    /// At least doubles the memory, so that growing costs little for each byte.
    @inline(never)
    private func grow(to needed: Int) {
        let added = max(needed - storage.count, storage.count, 64)
        storage.append(contentsOf: repeatElement(0, count: added))
    }
}
