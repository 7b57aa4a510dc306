extension BackendAddress: CustomStringConvertible {
    /// Reads `http://host:port`, `host:port` or `http://host`, whose port is 80.
    ///
    /// A host is an IPv4 address, an IPv6 address in brackets or a name; it is kept in lower case, and an
    /// IPv6 address in its canonical form (RFC 5952), so that one backend has one spelling. A single `/` may
    /// follow.
    public init(configurationText text: String) throws(ValueProblem) {
        guard !text.isEmpty else {
            throw .malformed("the address is empty; write host:port, for example 10.0.0.7:8080")
        }
        let (authority, hasScheme) = try Self.authority(of: text)
        let parts = try HostAndPort(authority)
        let host = try Self.host(of: parts)
        let advice = "write host:port, for example \(HostAndPort.text(host, 8080))"
        self.host = host
        if let port = parts.port {
            self.port = try HostAndPort.port(port, in: 1...UInt16.max, advice: advice)
        } else if hasScheme {
            self.port = 80
        } else {
            throw .malformed("the port is missing; \(advice)")
        }
    }

    /// `10.0.0.2:8080`, `[::1]:80`, `app.internal:8080`.
    public var description: String { HostAndPort.text(host, port) }

    /// Whether the host is an address in digits, which needs no resolver.
    public var isLiteral: Bool { IPLiteral(host) != nil }

    /// What remains of a URL when everything a backend cannot have is refused.
    private static func authority(of text: String) throws(ValueProblem) -> (Substring, hasScheme: Bool) {
        var rest = Substring(text)
        var hasScheme = false
        if let end = rest.firstRange(of: "://") {
            try validate(scheme: rest[..<end.lowerBound])
            rest = rest[end.upperBound...]
            hasScheme = true
        }
        if rest.contains("#") { throw .malformed("a backend has no fragment; write host:port alone") }
        if rest.contains("?") { throw .malformed("a backend has no query; write host:port alone") }
        let authority = rest.prefix { $0 != "/" }
        if authority.contains("@") {
            throw .malformed("a backend has no user name or password; write host:port alone")
        }
        guard rest[authority.endIndex...].dropFirst().isEmpty else {
            throw .malformed(
                "a backend has no path, since requests keep the path of the client; write host:port alone"
            )
        }
        return (authority, hasScheme)
    }

    private static func validate(scheme: Substring) throws(ValueProblem) {
        switch scheme.lowercased() {
        case "http": return
        case "https": throw .malformed("TLS to backends is not supported; write http://host:port")
        default: throw .malformed("the scheme \(quoted(scheme)) is not supported; write http://host:port")
        }
    }

    private static func host(of parts: HostAndPort) throws(ValueProblem) -> String {
        if let literal = try parts.literal() { return literal.canonicalText }
        guard !parts.host.isEmpty else {
            throw .malformed("the host is empty; write host:port, for example 10.0.0.7:8080")
        }
        try HostName.validate(parts.host)
        return parts.host.lowercased()
    }
}
