/// What an input is fed to, and what must hold whatever the input is.
///
/// The raw value names the folder of saved inputs.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// A request's head, against a second reader, in one piece and in several.
    case requestHead = "request-head"
    /// A response's head, likewise.
    case responseHead = "response-head"
    /// Field lines, in requests of both versions and in a response.
    case fieldLines = "field-lines"
    /// A request target, behind several methods.
    case requestTarget = "request-target"
    /// A chunked body, against a second reader, in one piece and in several.
    case chunkedBody = "chunked-body"
    /// A trailer section behind a chunked body.
    case trailers = "trailers"
    /// A connection's bytes on their way to a backend, read again by careless readers.
    case forwardedRequest = "forwarded-request"
    /// A backend's bytes on their way to a client, likewise.
    case forwardedResponse = "forwarded-response"

    /// Feeds `input` to what the target names.
    ///
    /// - Returns: whether there was a message in it; an input that is refused proves less.
    /// - Throws: what should not have come of it.
    package func check(_ input: [UInt8]) throws(Finding) -> Bool {
        switch self {
        case .requestHead: try HeadCheck.request(input)
        case .responseHead: try HeadCheck.response(input)
        case .fieldLines: try checkFieldLines(input)
        case .requestTarget: try checkTarget(input)
        case .chunkedBody: try ChunkedCheck.body(input)
        case .trailers: try ChunkedCheck.body(Array("2\r\nab\r\n0\r\n".utf8) + input)
        case .forwardedRequest: try ForwardedRequest.check(input)
        case .forwardedResponse: try ForwardedResponse.check(input)
        }
    }

    private func checkFieldLines(_ input: [UInt8]) throws(Finding) -> Bool {
        let lines = input + Array("\r\n\r\n".utf8)
        var isAccepted = false
        for start in ["PUT /a HTTP/1.1\r\nHost: h\r\n", "OPTIONS http://a HTTP/1.0\r\n"] {
            let request = Array(start.utf8) + lines
            if try HeadCheck.request(request) { isAccepted = true }
            _ = try ForwardedRequest.check(request)
        }
        let response = Array("HTTP/1.1 200 OK\r\n".utf8) + lines
        if try HeadCheck.response(response) { isAccepted = true }
        _ = try ForwardedResponse.check(response)
        return isAccepted
    }

    private func checkTarget(_ input: [UInt8]) throws(Finding) -> Bool {
        var isAccepted = false
        for method in ["GET", "OPTIONS", "CONNECT"] {
            let request = Array("\(method) ".utf8) + input + Array(" HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
            if try HeadCheck.request(request) { isAccepted = true }
            _ = try ForwardedRequest.check(request)
        }
        return isAccepted
    }
}
