/// The rules for host names in front of DNS.
enum HostName {
    /// Says what is wrong with `text` as a host name, or returns (RFC 1123 section 2.1).
    ///
    /// Beyond the RFC, underscores are taken, since container networks use them, and so is one dot at the
    /// end, which keeps search domains away. A name whose last label is a number is refused: resolvers take
    /// it for an address and disagree on which (`127.1`, `0x7f000001`).
    static func validate(_ text: some StringProtocol) throws(ValueProblem) {
        try validateBytes(text)
        let name = text.hasSuffix(".") ? text.dropLast() : text[...]
        guard name.utf8.count <= 253 else {
            throw .malformed("the host name has \(name.utf8.count) characters; 253 are the most")
        }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        for label in labels { try validate(label: label) }
        guard let last = labels.last, !isNumber(last) else {
            throw .malformed("\(quoted(text)) is not an IPv4 address, which is four numbers from 0 to 255")
        }
    }

    private static func validateBytes(_ text: some StringProtocol) throws(ValueProblem) {
        let isMember = { (byte: UInt8) in
            byte.isASCIILetter || byte.isASCIIDigit || byte == 0x2D || byte == 0x2E || byte == 0x5F
        }
        guard let bad = text.first(where: { !$0.utf8.allSatisfy(isMember) }) else { return }
        guard bad.isASCII else {
            throw .malformed("\(quoted(String(bad))) is not ASCII; write the name in its xn-- form")
        }
        throw .malformed("\(quoted(String(bad))) cannot stand in a host name")
    }

    private static func validate(label: some StringProtocol) throws(ValueProblem) {
        guard !label.isEmpty else { throw .malformed("the host name has an empty label between its dots") }
        guard label.utf8.count <= 63 else {
            throw .malformed("the label \(quoted(label)) has \(label.utf8.count) characters; 63 are the most")
        }
        guard !label.hasPrefix("-"), !label.hasSuffix("-") else {
            throw .malformed("the label \(quoted(label)) begins or ends with a hyphen")
        }
    }

    private static func isNumber(_ label: some StringProtocol) -> Bool {
        let isHexadecimal =
            label.lowercased().hasPrefix("0x") && label.utf8.dropFirst(2).allSatisfy(\.isASCIIHexDigit)
        return label.isASCIIDigits || isHexadecimal
    }
}
