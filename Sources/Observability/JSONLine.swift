internal import HTTPMessages

extension ByteWriter {
    /// Appends a line of JSON, without its end.
    ///
    /// Every field is always there, in this order, and `null` when there is nothing to say; only `error` is left out
    /// when nothing went wrong.
    ///
    /// - Parameters:
    ///   - entry: what happened.
    ///   - bytes: what its parts lie in.
    ///   - utc: the moment up to the seconds.
    ///   - milliseconds: the rest of it.
    func appendJSONLine(
        _ entry: AccessLogEntry,
        _ bytes: Span<UInt8>,
        utc: ByteWriter,
        _ milliseconds: Int
    ) {
        append("{\"ts\":\"")
        append(utc)
        append(".")
        append(threeDigits: milliseconds)
        append("Z\",\"id\":")
        appendJSON(bytes, entry.parts.id)
        appendClient(entry)
        appendRequest(entry.parts, bytes)
        append(",\"status\":")
        append(decimal: entry.status)
        appendAttempt(entry)
        append(",\"in\":")
        append(decimal: entry.received)
        append(",\"out\":")
        append(decimal: entry.sent)
        appendTimes(entry.times)
        append(",\"end\":\"")
        append(entry.end.text)
        append("\",\"ua\":")
        appendJSON(bytes, entry.parts.userAgent)
        append(",\"ref\":")
        appendJSON(bytes, entry.parts.referer)
        if let failure = entry.failure {
            append(",\"error\":\"")
            append(failure.sentence)
            if let detail = failure.detail {
                append(" ")
                append(detail)
            }
            append("\"")
        }
        append("}")
    }

    private func appendClient(_ entry: AccessLogEntry) {
        append(",\"client\":\"")
        append(plainJSON: entry.client)
        append("\",\"peer\":")
        guard entry.peerPort > 0 else { return append("null") }
        let isV6 = entry.client.utf8.contains(UInt8(ascii: ":"))
        append(isV6 ? "\"[" : "\"")
        append(plainJSON: entry.client)
        append(isV6 ? "]:" : ":")
        append(decimal: Int(entry.peerPort))
        append("\"")
    }

    private func appendRequest(_ parts: AccessLogEntry.Parts, _ bytes: Span<UInt8>) {
        append(",\"method\":")
        appendJSON(bytes, parts.method)
        append(",\"host\":")
        appendJSON(bytes, parts.host)
        append(",\"path\":")
        appendJSON(bytes, parts.path)
        switch parts.minorVersion {
        case nil: append(",\"proto\":null")
        case 0: append(",\"proto\":\"HTTP/1.0\"")
        default: append(",\"proto\":\"HTTP/1.1\"")
        }
    }

    private func appendAttempt(_ entry: AccessLogEntry) {
        append(",\"backend\":")
        if let backend = entry.backend {
            append("\"")
            append(plainJSON: backend)
            append("\"")
        } else {
            append("null")
        }
        append(",\"tries\":")
        append(decimal: entry.tries)
        append(",\"picked\":")
        guard let picked = entry.picked else { return append("null") }
        append("\"")
        append(picked.text)
        append("\"")
    }

    private func appendTimes(_ times: AccessLogEntry.Times) {
        append(",\"ms\":{\"total\":")
        append(milliseconds: times.total)
        append(",\"connect\":")
        appendTime(times.connect)
        append(",\"header\":")
        appendTime(times.header)
        append(",\"queue\":")
        appendTime(times.queue)
        append("}")
    }

    private func appendTime(_ nanoseconds: UInt64?) {
        if let nanoseconds { append(milliseconds: nanoseconds) } else { append("null") }
    }
}
