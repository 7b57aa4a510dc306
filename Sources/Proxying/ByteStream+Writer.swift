internal import Events
internal import HTTPMessages

extension ByteStream {
    /// Sends what `writer` holds.
    func send(_ writer: ByteWriter) {
        send(writer.bytes.span)
    }

    /// Sends what `writer` holds, and `bytes` right behind it.
    func send(_ writer: ByteWriter, _ bytes: Span<UInt8>, isLast: Bool = false) {
        send(writer.bytes.span, bytes, isLast: isLast)
    }

    /// Sends what `first` holds, and what `second` holds right behind it.
    func send(_ first: ByteWriter, _ second: ByteWriter) {
        send(first.bytes.span, second.bytes.span)
    }
}
