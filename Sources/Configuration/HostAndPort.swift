/// The two halves of `host:port`, not yet judged.
struct HostAndPort {
    /// The part in front of the port, without brackets.
    let host: Substring
    /// Whether `host` stood in brackets, and is thus meant as an IPv6 address.
    let isBracketed: Bool
    /// The text after the colon; `nil` without a colon.
    let port: Substring?

    /// Splits `text` at its colon (RFC 3986 section 3.2, without user information).
    ///
    /// More than one colon outside of brackets is refused, since it cannot be told where the port begins.
    init(_ text: Substring) throws(ValueProblem) {
        if text.hasPrefix("[") {
            try self.init(bracketed: text)
            return
        }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            self.init(host: text, isBracketed: false, port: nil)
            return
        }
        guard !parts[1].contains(":") else {
            throw .malformed(
                "there is more than one colon; write an IPv6 address in brackets, for example [::1]:8080"
            )
        }
        self.init(host: parts[0], isBracketed: false, port: parts[1])
    }

    private init(bracketed text: Substring) throws(ValueProblem) {
        guard let end = text.firstIndex(of: "]") else {
            throw .malformed("the bracket is not closed; write [address]:port, for example [::1]:8080")
        }
        let after = text[end...].dropFirst()
        guard after.isEmpty || after.hasPrefix(":") else {
            throw .malformed("after the bracket comes a colon and the port, for example [::1]:8080")
        }
        let host = text[..<end].dropFirst()
        self.init(host: host, isBracketed: true, port: after.isEmpty ? nil : after.dropFirst())
    }

    private init(host: Substring, isBracketed: Bool, port: Substring?) {
        self.host = host
        self.isBracketed = isBracketed
        self.port = port
    }

    /// The host as an address in digits, or `nil` if it can only be a name.
    ///
    /// Brackets promise an IPv6 address (RFC 3986 section 3.2.2), so anything else between them is refused.
    func literal() throws(ValueProblem) -> IPLiteral? {
        guard isBracketed else { return IPLiteral(host) }
        guard !host.contains("%") else {
            throw .malformed("zone identifiers such as %eth0 are not supported")
        }
        guard let literal = IPLiteral(host), case .v6 = literal else {
            throw .malformed("\(quoted(host)) is not an IPv6 address")
        }
        return literal
    }

    /// The port within `bounds`; `advice` ends every message and says what to write.
    static func port(
        _ text: Substring,
        in bounds: ClosedRange<UInt16>,
        advice: String
    ) throws(ValueProblem) -> UInt16 {
        guard !text.isEmpty else { throw .malformed("no port follows the colon; \(advice)") }
        guard text.isASCIIDigits else { throw .malformed("port \(quoted(text)) is not a number; \(advice)") }
        guard let port = UInt16(text) else {
            throw .malformed(
                "port \(text.count > 20 ? quoted(text) : String(text)) is above 65535; \(advice)"
            )
        }
        guard bounds.contains(port) else {
            throw .malformed("port \(port) is below \(bounds.lowerBound); \(advice)")
        }
        return port
    }

    /// `host:port` with an IPv6 address in brackets.
    static func text(_ host: String, _ port: UInt16) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
