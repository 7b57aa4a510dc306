extension ListenAddress: CustomStringConvertible {
    /// Reads `:8000`, `0.0.0.0:8000`, `[::1]:8000` or `localhost:8000`, which is 127.0.0.1.
    ///
    /// Port 0 lets the kernel choose. Other names are refused: which address one stands for is known only
    /// once it is resolved, and may change between two starts.
    public init(configurationText text: String) throws(ValueProblem) {
        let advice = "write host:port or :port, for example :8000"
        guard !text.isEmpty else { throw .malformed("the address is empty; \(advice)") }
        guard !text.contains("/") else {
            throw .malformed("a listen address has neither scheme nor path; \(advice)")
        }
        if text.isASCIIDigits { throw .malformed("the colon is missing; write :\(text.prefix(20))") }
        let parts = try HostAndPort(Substring(text))
        let host = try Self.host(of: parts)
        guard let port = parts.port else {
            throw .malformed("the port is missing; write \(HostAndPort.text(host ?? "", 8000))")
        }
        self.host = host
        self.port = try HostAndPort.port(port, in: 0...UInt16.max, advice: advice)
    }

    /// `:8000`, `127.0.0.1:8000`, `[::1]:8000`.
    public var description: String { HostAndPort.text(host ?? "", port) }

    /// The address as a URL for people, with the port that was really bound: `http://[::]:8000` for `:8000`.
    public func url(port: UInt16) -> String {
        "http://" + HostAndPort.text(host ?? "::", port)
    }

    private static func host(of parts: HostAndPort) throws(ValueProblem) -> String? {
        if let literal = try parts.literal() { return literal.canonicalText }
        switch parts.host.lowercased() {
        case "": return nil
        case "localhost": return "127.0.0.1"
        case "*": throw .malformed("every address is written without a host, for example :8000")
        default:
            throw .malformed(
                "\(quoted(parts.host)) is not an address; listen on a literal address, for example 127.0.0.1:8000"
            )
        }
    }
}
