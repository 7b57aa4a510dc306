/// Trailers on their way through a gateway (RFC 9110 §6.5).
public enum TrailerSection {
    /// Writes the trailers of `section` that may pass, each as a field line, without the final empty line.
    ///
    /// Fields that frame, route or authorise a message are dropped: after the body they could only mislead. So are
    /// those that the head's `Connection` listed (RFC 9110 §7.6.1).
    ///
    /// - Parameters:
    ///   - section: the lines with their final empty line.
    ///   - nominated: names that `Connection` listed, as `ConnectionOptions` copies them.
    ///   - limits: how many lines there may be.
    ///   - writer: what the lines are appended to; nothing is when this throws.
    /// - Throws: when a line is malformed or there are too many.
    public static func write(
        _ section: ByteWriter,
        without nominated: ByteWriter,
        limits: HeadLimits,
        to writer: ByteWriter
    ) throws(MessageError) {
        let memory = section.storage
        let bytes = memory.span.extracting(..<section.count)
        let fields = try parse(bytes, limits: limits)
        let names = nominated.storage
        let ending = names.span.extracting(..<nominated.count)
        for line in fields.lines where mayPass(line, bytes) && !lists(ending, line, bytes) {
            writer.append(bytes, line.nameRange)
            writer.append(": ")
            writer.append(bytes, line.valueRange)
            writer.append("\r\n")
        }
    }

    /// Makes sure that a section that is not passed on is one: a body with a malformed one is not complete.
    ///
    /// - Throws: as `write` does.
    public static func check(_ section: ByteWriter, limits: HeadLimits) throws(MessageError) {
        let memory = section.storage
        _ = try parse(memory.span.extracting(..<section.count), limits: limits)
    }

    private static func parse(_ bytes: Span<UInt8>, limits: HeadLimits) throws(MessageError) -> FieldSection {
        var fields = FieldSection()
        guard let end = try fields.parse(bytes, from: 0, limits: limits), end == bytes.count else {
            throw .badLineEnd
        }
        return fields
    }

    private static func lists(_ names: Span<UInt8>, _ line: FieldLine, _ bytes: Span<UInt8>) -> Bool {
        var list = ListElements(0..<names.count)
        while let name = list.next(names) {
            if names.equals(at: name, bytes, ignoringCaseAt: line.nameRange) { return true }
        }
        return false
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
