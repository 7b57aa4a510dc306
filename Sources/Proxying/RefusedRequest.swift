internal import HTTPMessages
internal import Observability

/// A request that is refused before it is an exchange: what is known of it is copied together for its answer and its
/// line in the access log.
struct RefusedRequest {
    /// The most bytes of its first line that are kept.
    private static let maxLine = 2048

    private let output: ByteWriter
    private(set) var parts = AccessLogEntry.Parts()

    /// Gives the request an id and copies what is known of it to `output`.
    ///
    /// - Parameters:
    ///   - bytes: what came of the request.
    ///   - head: what the parser made of it before it gave up.
    ///   - ids: makes the id.
    ///   - output: what everything is copied to.
    init(_ bytes: Span<UInt8>, _ head: RequestHead, _ ids: RequestIDSource, to output: ByteWriter) {
        self.output = output
        output.clear(keepingAtMost: 16 * 1024)
        ids.append(to: output)
        parts.id = 0..<output.count
        copyLine(bytes, head)
        guard head.isRequestLineParsed else { return }
        parts.minorVersion = head.minorVersion
        for line in head.fields.lines {
            switch line.name {
            case .host: parts.host = copy(bytes, line.valueRange)
            case .userAgent: parts.userAgent = copy(bytes, line.valueRange)
            case .referer: parts.referer = copy(bytes, line.valueRange)
            default: break
            }
        }
    }

    private mutating func copy(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        let start = output.count
        output.append(bytes, range)
        return start..<output.count
    }

    /// Copies the first line that is not empty; the method and what follows it are told apart as far as they came.
    private mutating func copyLine(_ bytes: Span<UInt8>, _ head: RequestHead) {
        var start = 0
        while start < min(bytes.count, 2), Self.endsLine(bytes[start]) { start += 1 }
        var end = start
        while end < min(bytes.count, start + Self.maxLine), !Self.endsLine(bytes[end]) { end += 1 }
        guard end > start else { return }
        parts.line = copy(bytes, start..<end)
        guard !head.method.isEmpty, head.method.upperBound < end else { return }
        let shift = parts.line.lowerBound - start
        parts.method = head.method.lowerBound + shift..<head.method.upperBound + shift
        let targetStart = head.method.upperBound + 1
        var targetEnd = targetStart
        while targetEnd < end, bytes[targetEnd] != UInt8(ascii: " ") { targetEnd += 1 }
        if targetEnd > targetStart { parts.path = targetStart + shift..<targetEnd + shift }
    }

    private static func endsLine(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n")
    }
}
