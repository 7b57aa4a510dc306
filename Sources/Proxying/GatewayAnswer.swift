internal import HTTPMessages

/// An answer that comes from the gateway itself: short plain text (RFC 9110 §15).
enum GatewayAnswer {
    /// Appends a whole answer to `output`.
    ///
    /// - Parameters:
    ///   - failure: what to tell.
    ///   - retryAfter: seconds for `Retry-After`, when trying again makes sense.
    ///   - isHead: the request was HEAD, so the body is left out.
    ///   - keepsAlive: the connection stays open behind it.
    ///   - wallSeconds: seconds since 1970, for `Date`.
    ///   - id: the request's id.
    ///   - output: what the answer is appended to.
    static func write(
        _ failure: GatewayFailure,
        retryAfter: Int?,
        isHead: Bool,
        keepsAlive: Bool,
        wallSeconds: Int,
        id: RequestIDText,
        to output: ByteWriter
    ) {
        output.append("HTTP/1.1 ")
        output.append(decimal: failure.status)
        output.append(" ")
        output.append(reason(failure.status))
        output.append("\r\nServer: swerve\r\nDate: ")
        HTTPDate.write(wallSeconds, to: output)
        output.append("\r\n")
        id.write(to: output)
        output.append("Content-Type: text/plain; charset=utf-8\r\nContent-Length: ")
        output.append(decimal: failure.sentence.utf8CodeUnitCount + 1)
        if let retryAfter {
            output.append("\r\nRetry-After: ")
            output.append(decimal: retryAfter)
        }
        if failure == .methodNotAllowed {
            output.append("\r\nAllow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE")
        }
        output.append(keepsAlive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n")
        if !isHead {
            output.append(failure.sentence)
            output.append("\n")
        }
    }

    private static func reason(_ status: Int) -> StaticString {
        switch status {
        case 400: "Bad Request"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 417: "Expectation Failed"
        case 431: "Request Header Fields Too Large"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Error"
        }
    }
}

/// Answers given as the final recipient, because the request may go no further (RFC 9110 §7.6.2).
extension GatewayAnswer {
    /// Appends the answer to a TRACE: the request as it was received, without what is secret (RFC 9110 §9.3.8).
    ///
    /// - Returns: the number of body bytes.
    static func writeTrace(
        _ request: RequestHead,
        _ bytes: Span<UInt8>,
        keepsAlive: Bool,
        wallSeconds: Int,
        id: RequestIDText,
        to output: ByteWriter
    ) -> Int {
        let echo = ByteWriter()
        echo.append(bytes, request.method)
        echo.append(" ")
        echo.append(bytes, request.targetRange)
        echo.append(request.minorVersion == 0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n")
        for line in request.fields.lines where !isSecret(line, bytes) {
            echo.append(bytes, line.nameRange)
            echo.append(": ")
            echo.append(bytes, line.valueRange)
            echo.append("\r\n")
        }
        echo.append("\r\n")
        writeSuccess("Content-Type: message/http\r\n", echo.count, keepsAlive, wallSeconds, id, to: output)
        output.append(echo)
        return echo.count
    }

    /// Appends the answer to an OPTIONS.
    static func writeOptions(keepsAlive: Bool, wallSeconds: Int, id: RequestIDText, to output: ByteWriter) {
        writeSuccess(
            "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE\r\n",
            0,
            keepsAlive,
            wallSeconds,
            id,
            to: output
        )
    }

    private static func writeSuccess(
        _ field: StaticString,
        _ length: Int,
        _ keepsAlive: Bool,
        _ wallSeconds: Int,
        _ id: RequestIDText,
        to output: ByteWriter
    ) {
        output.append("HTTP/1.1 200 OK\r\nServer: swerve\r\nDate: ")
        HTTPDate.write(wallSeconds, to: output)
        output.append("\r\n")
        id.write(to: output)
        output.append(field)
        output.append("Content-Length: ")
        output.append(decimal: length)
        output.append(keepsAlive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n")
    }

    private static func isSecret(_ line: FieldLine, _ bytes: Span<UInt8>) -> Bool {
        if line.name == .proxyAuthorization { return true }
        let name = bytes.text(line.nameRange).lowercased()
        return name == "authorization" || name == "cookie"
    }
}
