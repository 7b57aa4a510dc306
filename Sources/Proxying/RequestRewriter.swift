package import HTTPMessages
package import Observability

/// Writes the head that a backend sees: rebuilt from the parsed parts, with exactly one framing (RFC 9112 §6).
///
/// Fields keep their order, case and repetition. Hop-by-hop fields go, what the client claims about its address goes,
/// and what the gateway knows is added after that, so that no `Connection` field can remove it.
package struct RequestRewriter {
    /// What is known of the connection that the request came by.
    package struct Origin {
        /// The client's address.
        var client: String
        /// The authority the client connected to, for an HTTP/1.0 request that names none.
        var localAuthority: String

        /// What is known, from its parts.
        package init(client: String, localAuthority: String) {
            self.client = client
            self.localAuthority = localAuthority
        }
    }

    /// Appends the head of `request`, parsed from `bytes`, to `output`.
    ///
    /// - Parameters:
    ///   - request: what was parsed.
    ///   - bytes: what it was parsed from.
    ///   - origin: what is known of the client's connection.
    ///   - upgrades: whether the wish to switch protocols is passed on.
    ///   - ids: makes an id for a request that brings none fit to be kept.
    ///   - output: what the head is appended to.
    /// - Returns: where the parts that the log wants lie in `output`.
    package static func write(
        _ request: RequestHead,
        _ bytes: Span<UInt8>,
        from origin: Origin,
        upgrades: Bool,
        ids: RequestIDSource,
        to output: ByteWriter
    ) -> AccessLogEntry.Parts {
        var marks = AccessLogEntry.Parts()
        marks.minorVersion = request.minorVersion
        writeRequestLine(request, bytes, to: output, &marks)
        if request.host == nil {
            output.append("Host: ")
            let start = output.count
            if request.target.form == .absolute {
                output.append(bytes, request.target.authority)
            } else {
                output.append(text: origin.localAuthority)
            }
            marks.host = start..<output.count
            output.append("\r\n")
        }
        writeFields(request, bytes, to: output, &marks)
        writeForwarding(request, bytes, from: origin, to: output)
        marks.id = writeID(request, bytes, ids, to: output)
        if upgrades, let protocols = request.upgrade {
            output.append("Connection: upgrade\r\nUpgrade: ")
            output.append(bytes, protocols)
            output.append("\r\n")
        }
        switch request.framing {
        case .length(let count):
            output.append("Content-Length: ")
            output.append(decimal: count)
            output.append("\r\n")
        case .chunked: output.append("Transfer-Encoding: chunked\r\n")
        case .none, .untilClose: if request.declaresLength { output.append("Content-Length: 0\r\n") }
        }
        output.append("\r\n")
        return marks
    }

    /// The target in origin form (RFC 9112 §3.2.1), or `*` (§3.2.4).
    private static func writeRequestLine(
        _ request: RequestHead,
        _ bytes: Span<UInt8>,
        to output: ByteWriter,
        _ marks: inout AccessLogEntry.Parts
    ) {
        let methodStart = output.count
        output.append(bytes, request.method)
        marks.method = methodStart..<output.count
        output.append(" ")
        let start = output.count
        let path = request.target.path
        if request.target.form == .absolute {
            if path.isEmpty, request.method.count == 7, request.kind == .idempotent {
                output.append("*")
            } else if path.isEmpty || bytes[path.lowerBound] != UInt8(ascii: "/") {
                output.append("/")
            }
        }
        output.append(bytes, path)
        marks.path = start..<output.count
        output.append(" HTTP/1.1\r\n")
    }

    /// Copies the fields that pass; neighbours in canonical form go in one piece.
    @inline(never)
    private static func writeFields(
        _ request: RequestHead,
        _ bytes: Span<UInt8>,
        to output: ByteWriter,
        _ marks: inout AccessLogEntry.Parts
    ) {
        let nominates = !request.connection.nominated.isEmpty
        var run = 0..<0
        for index in request.fields.lines.indices {
            let line = request.fields.lines[index]
            if line.name == .other, line.isCanonical, !nominates, run.upperBound == line.lineRange.lowerBound
            {
                run = run.lowerBound..<line.lineRange.upperBound
                continue
            }
            guard passes(line, of: request, bytes) else { continue }
            if line.isCanonical, isCopied(line, of: request) {
                if run.upperBound != line.lineRange.lowerBound {
                    output.append(bytes, run)
                    run = line.lineRange
                } else {
                    run = run.lowerBound..<line.lineRange.upperBound
                }
                let start = output.count + line.valueRange.lowerBound - run.lowerBound
                mark(line.name, start..<start + line.valueRange.count, &marks)
                continue
            }
            output.append(bytes, run)
            run = 0..<0
            writeField(line, of: request, bytes, to: output, &marks)
        }
        output.append(bytes, run)
    }

    /// Whether a field passes at all.
    private static func passes(_ line: FieldLine, of request: RequestHead, _ bytes: Span<UInt8>) -> Bool {
        if HopByHop.endsRequestField(line.name) { return false }
        // An HTTP/1.0 client cannot take the 100 it would ask for (RFC 9110 §10.1.1).
        if line.name == .expect, request.minorVersion == 0 { return false }
        return line.name == .host || !request.connection.nominates(bytes, line.nameRange)
    }

    /// Whether a field's line may be copied as it stands.
    private static func isCopied(_ line: FieldLine, of request: RequestHead) -> Bool {
        switch line.name {
        case .host: request.target.form != .absolute
        case .maxForwards: request.maxForwards == nil
        default: true
        }
    }

    private static func writeField(
        _ line: FieldLine,
        of request: RequestHead,
        _ bytes: Span<UInt8>,
        to output: ByteWriter,
        _ marks: inout AccessLogEntry.Parts
    ) {
        output.append(bytes, line.nameRange)
        output.append(": ")
        let start = output.count
        switch line.name {
        case .host where request.target.form == .absolute:
            // The target decides, whatever the field says (RFC 9112 §3.2.2).
            output.append(bytes, request.target.authority)
        case .maxForwards where request.maxForwards != nil:
            output.append(decimal: (request.maxForwards ?? 1) - 1)
        default: output.append(bytes, line.valueRange)
        }
        mark(line.name, start..<output.count, &marks)
        output.append("\r\n")
    }

    private static func mark(_ name: FieldName, _ range: Range<Int>, _ marks: inout AccessLogEntry.Parts) {
        switch name {
        case .userAgent: marks.userAgent = range
        case .host: marks.host = range
        case .referer: marks.referer = range
        default: break
        }
    }

    /// Writes the client's id if it is fit to be kept, or one of the gateway's own.
    ///
    /// - Returns: where it lies in `output`.
    private static func writeID(
        _ request: RequestHead,
        _ bytes: Span<UInt8>,
        _ ids: RequestIDSource,
        to output: ByteWriter
    ) -> Range<Int> {
        output.append("X-Request-Id: ")
        let start = output.count
        if let id = request.requestID { output.append(bytes, id) } else { ids.append(to: output) }
        let end = output.count
        output.append("\r\n")
        return start..<end
    }

    private static func writeForwarding(
        _ request: RequestHead,
        _ bytes: Span<UInt8>,
        from origin: Origin,
        to output: ByteWriter
    ) {
        output.append("X-Forwarded-For: ")
        output.append(text: origin.client)
        output.append("\r\nX-Forwarded-Proto: http\r\n")
        if request.target.form == .absolute || request.host != nil {
            output.append("X-Forwarded-Host: ")
            output.append(
                bytes,
                request.target.form == .absolute ? request.target.authority : request.host ?? 0..<0
            )
            output.append("\r\n")
        }
        if request.minorVersion == 0 {
            output.append("Via: 1.0 swerve\r\n")
        } else {
            output.append("Via: 1.1 swerve\r\n")
        }
    }
}
