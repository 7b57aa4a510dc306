/// Trailers on their way through a gateway (RFC 9110 §6.5).
public enum TrailerSection {
    /// Writes the trailers of `section` that may pass, each as a field line, without the final empty line.
    ///
    /// Fields that frame, route or authorise a message are dropped: after the body they could only mislead.
    ///
    /// - Throws: when a line is malformed or there are too many.
    public static func write(
        _ section: ByteWriter,
        limits: HeadLimits,
        to writer: ByteWriter
    ) throws(MessageError) {
        let memory = section.storage
        let bytes = memory.span.extracting(..<section.count)
        var fields = FieldSection()
        guard let end = try fields.parse(bytes, from: 0, limits: limits), end == bytes.count else {
            throw .badLineEnd
        }
        for line in fields.lines where mayPass(line, bytes) {
            writer.append(bytes, line.nameRange)
            writer.append(": ")
            writer.append(bytes, line.valueRange)
            writer.append("\r\n")
        }
    }

    private static func mayPass(_ line: FieldLine, _ bytes: Span<UInt8>) -> Bool {
        guard line.name == .other else { return false }
        let forbidden: [StaticString] = [
            "authorization", "cookie", "set-cookie", "cache-control", "content-encoding", "content-range",
            "content-type", "max-forwards", "range", "location", "retry-after", "vary", "via",
            "www-authenticate", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since",
            "if-range", "age", "expires", "pragma",
        ]
        for name in forbidden where bytes.equals(name, ignoringCaseAt: line.nameRange) { return false }
        return true
    }
}
