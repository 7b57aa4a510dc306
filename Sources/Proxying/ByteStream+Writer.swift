internal import Events
internal import HTTPMessages

extension ByteStream {
    /// Sends what `writer` holds.
    func send(_ writer: ByteWriter) {
        let bytes = writer.storage
        send(bytes.span.extracting(..<writer.count))
    }

    /// Sends what `writer` holds, and `bytes` right behind it.
    func send(_ writer: ByteWriter, _ bytes: Span<UInt8>, isLast: Bool = false) {
        let first = writer.storage
        send(first.span.extracting(..<writer.count), bytes, isLast: isLast)
    }

    /// Sends what `first` holds, and what `second` holds right behind it.
    func send(_ first: ByteWriter, _ second: ByteWriter) {
        let head = first.storage
        let tail = second.storage
        send(head.span.extracting(..<first.count), tail.span.extracting(..<second.count))
    }
}
