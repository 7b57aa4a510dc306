package import HTTPMessages

extension ByteWriter {
    /// Appends `piece` of `bytes` as one chunk (RFC 9112 §7.1).
    package func appendChunk(_ bytes: Span<UInt8>, _ piece: Range<Int>) {
        append(hexadecimal: piece.count)
        append("\r\n")
        append(bytes, piece)
        append("\r\n")
    }

    /// Appends the last chunk and the trailers that may pass.
    ///
    /// - Throws: when the trailers are malformed. Nothing is appended then: to a recipient the last chunk alone is the
    ///   end of a complete body (RFC 9112 §8).
    package func appendLastChunk(
        _ trailers: ByteWriter?,
        without nominated: ByteWriter,
        limits: HeadLimits
    ) throws(MessageError) {
        let start = count
        append("0\r\n")
        if let trailers {
            do {
                try TrailerSection.write(trailers, without: nominated, limits: limits, to: self)
            } catch {
                truncate(to: start)
                throw error
            }
        }
        append("\r\n")
    }
}
