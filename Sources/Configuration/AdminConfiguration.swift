/// The listener on which an operator looks inside and takes backends out.
public struct AdminConfiguration: Sendable, Equatable {
    /// Where it listens; `nil` is nowhere, the default.
    public var listener: ListenAddress?
    /// The bearer token that changes need, and reading too where the listener is not on the loopback; `nil` lets
    /// loopback addresses make changes without one, and everybody read.
    public var token: String?
    /// Names under which the listener may be asked besides IP addresses and `localhost`, in lower case.
    public var hosts: [String] = []
    /// Whether reading needs no token wherever the listener is.
    public var isOpen = false

    /// The defaults.
    public init() {}

    /// Reads a name that the listener may be asked under.
    static func host(_ text: String) throws(ValueProblem) -> String {
        guard IPLiteral(text) == nil else {
            throw .malformed("IP addresses are taken anyway; write a name, for example swerve.internal")
        }
        try HostName.validate(text)
        return text.lowercased()
    }

    /// Reads a token: 8 to 256 bytes of the characters a bearer token may have (RFC 6750 §2.1).
    static func token(_ text: String) throws(ValueProblem) -> String {
        guard (8...256).contains(text.utf8.count) else {
            throw .malformed("a token has 8 to 256 characters, or write none")
        }
        let isToken = text.utf8.allSatisfy {
            $0.isASCIIDigit || $0.isASCIILetter || "-._~+/=".utf8.contains($0)
        }
        guard isToken else {
            throw .malformed("a token is made of letters, digits and - . _ ~ + / = alone")
        }
        return text
    }
}
