/// The parts of a probe's request line as settings.
enum ProbeText {
    /// A request target in origin form (RFC 9112 section 3.2.1): a path, and a query if wanted.
    static func path(_ text: String) throws(ValueProblem) -> String {
        guard text.hasPrefix("/") else { throw .malformed("a path begins with /, for example /healthz") }
        guard !text.contains("#") else {
            throw .malformed("a fragment is never sent to a backend; end the path before the #")
        }
        guard text.utf8.allSatisfy(\.isVisibleASCII) else {
            throw .malformed("spaces, control characters and non-ASCII letters are written as %XX in a path")
        }
        return text
    }

    /// A method (RFC 9110 section 9.1), which is case-sensitive and sent as given.
    static func method(_ text: String) throws(ValueProblem) -> String {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isTokenByte) else {
            throw .malformed("a method is one word of letters, for example HEAD or GET")
        }
        guard !text.utf8.contains(where: \.isASCIILowercase) else {
            throw .malformed("methods are case-sensitive; write \(quoted(text.uppercased()))")
        }
        guard text != "CONNECT" else {
            throw .malformed("CONNECT asks for a tunnel and cannot be a probe; write HEAD or GET")
        }
        return text
    }
}
