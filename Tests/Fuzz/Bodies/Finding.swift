/// Something that should not have come of an input.
package struct Finding: Error, Equatable, CustomStringConvertible {
    /// What is wrong, in a sentence, with the bytes it was seen in.
    package let description: String

    init(_ what: String, _ bytes: some Sequence<UInt8>) {
        description = "\(what): \(quoted(bytes))"
    }
}

/// `bytes` as a literal, each byte beyond ASCII as the character of that number.
package func quoted(_ bytes: some Sequence<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    for byte in bytes { text.append(Unicode.Scalar(byte)) }
    return String(text).debugDescription
}
