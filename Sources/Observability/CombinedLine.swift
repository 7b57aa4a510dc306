internal import HTTPMessages

extension ByteWriter {
    /// Appends a line of nginx's combined format, without its end.
    ///
    /// `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer"
    /// "$http_user_agent"`; the user is never told, since it would come out of `Authorization`.
    func appendCombinedLine(_ entry: AccessLogEntry, _ bytes: Span<UInt8>, local: ByteWriter) {
        append(text: entry.client)
        append(" - - [")
        append(local)
        append("] \"")
        appendRequestLine(entry, bytes)
        append("\" ")
        append(decimal: entry.status)
        append(" ")
        append(decimal: entry.sent)
        append(" \"")
        appendValue(bytes, entry.parts.referer)
        append("\" \"")
        appendValue(bytes, entry.parts.userAgent)
        append("\"")
    }

    private func appendRequestLine(_ entry: AccessLogEntry, _ bytes: Span<UInt8>) {
        guard let minorVersion = entry.parts.minorVersion else { return appendValue(bytes, entry.parts.line) }
        appendEscaped(bytes, entry.parts.method)
        append(" ")
        appendEscaped(bytes, entry.parts.path)
        append(minorVersion == 0 ? " HTTP/1.0" : " HTTP/1.1")
    }

    /// A missing field is a hyphen, an empty one is empty.
    private func appendValue(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        if range.upperBound == 0 { return append("-") }
        appendEscaped(bytes, range)
    }
}
