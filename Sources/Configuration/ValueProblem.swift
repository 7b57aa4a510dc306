/// Why a text is not a value of its setting, in words for the person who wrote it.
///
/// It knows neither the flag nor the variable the text came from; `ConfigurationError` adds those.
public enum ValueProblem: Error, Sendable, Equatable {
    /// The text cannot be read, or its value is out of bounds; the sentence says what would be right.
    case malformed(String)
    /// The text names something that was named before; the payload is the name as Swerve prints it.
    case repeated(String)

    /// The problem behind the text it is about: `"10.1": a client is …`.
    public func description(of text: String) -> String {
        switch self {
        case .malformed(let sentence): "\(Configuration.quoted(text)): \(sentence)"
        case .repeated(text): "\(Configuration.quoted(text)) is given twice; name each address once"
        case .repeated(let value):
            "\(Configuration.quoted(text)) is given twice, as \(value); name each address once"
        }
    }

    /// `text` in double quotes, safe to print on a terminal and on one line.
    public static func quoted(_ text: some StringProtocol) -> String { Configuration.quoted(text) }
}

/// `text` in double quotes, safe to print on a terminal and on one line.
///
/// Control and formatting characters become escapes, so that a value can neither move the cursor nor reverse
/// the text around it; what follows the first 80 characters becomes `…`.
func quoted(_ text: some StringProtocol) -> String {
    let limit = 80
    var result = "\""
    for scalar in text.unicodeScalars.prefix(limit) {
        switch scalar {
        case "\"", "\\": result += "\\\(scalar)"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        default:
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default:
                result.unicodeScalars.append(scalar)
            }
        }
    }
    if text.unicodeScalars.dropFirst(limit).first != nil { result += "…" }
    return result + "\""
}
