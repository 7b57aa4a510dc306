/// The listener on which an operator looks inside and takes backends out.
public struct AdminConfiguration: Sendable, Equatable {
    /// Where it listens; `nil` is nowhere, the default.
    public var listener: ListenAddress?
    /// The bearer token that changes need; `nil` lets loopback addresses make them without one.
    public var token: String?

    /// The defaults.
    public init() {}

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
