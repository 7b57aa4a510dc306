/// JSON read by the letter of RFC 8259; white space, which is never written, is refused.
indirect enum JSONValue: Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    struct Refusal: Error { let rest: Substring }

    init(_ text: String) throws {
        var rest = text[...]
        self = try Self.value(&rest)
        guard rest.isEmpty else { throw Refusal(rest: rest) }
    }

    /// A member of an object, or of the objects within it.
    subscript(_ names: String...) -> JSONValue? {
        names.reduce(self as JSONValue?) { value, name in
            guard case .object(let members)? = value else { return nil }
            return members[name]
        }
    }

    var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    private static func value(_ rest: inout Substring) throws -> JSONValue {
        for (word, value) in [("null", JSONValue.null), ("true", .bool(true)), ("false", .bool(false))]
        where rest.hasPrefix(word) {
            rest.removeFirst(word.count)
            return value
        }
        switch rest.first {
        case "{":
            var members: [String: JSONValue] = [:]
            try list(&rest, "}") { rest in
                let name = try string(&rest)
                guard rest.popFirst() == ":", members[name] == nil else { throw Refusal(rest: rest) }
                members[name] = try value(&rest)
            }
            return .object(members)
        case "[":
            var elements: [JSONValue] = []
            try list(&rest, "]") { elements.append(try value(&$0)) }
            return .array(elements)
        case "\"": return .string(try string(&rest))
        default:
            guard let match = rest.prefixMatch(of: /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/),
                let number = Double(match.0)
            else { throw Refusal(rest: rest) }
            rest = rest[match.range.upperBound...]
            return .number(number)
        }
    }

    private static func list(
        _ rest: inout Substring,
        _ end: Character,
        _ item: (inout Substring) throws -> Void
    ) throws {
        rest.removeFirst()
        if rest.first == end {
            rest.removeFirst()
            return
        }
        while true {
            try item(&rest)
            let next = rest.popFirst()
            if next == end { return }
            guard next == "," else { throw Refusal(rest: rest) }
        }
    }

    private static func string(_ rest: inout Substring) throws -> String {
        guard let match = rest.prefixMatch(of: /"((?:[^"\\\u{0}-\u{1F}]|\\["\\\/bfnrt]|\\u[0-9a-fA-F]{4})*)"/)
        else {
            throw Refusal(rest: rest)
        }
        rest = rest[match.range.upperBound...]
        var text = ""
        var raw = match.1.unicodeScalars[...]
        while let scalar = raw.popFirst() {
            guard scalar == "\\", let kind = raw.popFirst() else {
                text.unicodeScalars.append(scalar)
                continue
            }
            switch kind {
            case "n": text += "\n"
            case "r": text += "\r"
            case "t": text += "\t"
            case "b": text += "\u{8}"
            case "f": text += "\u{c}"
            case "u":
                let digits = String(raw.prefix(4))
                raw.removeFirst(4)
                guard let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code) else {
                    throw Refusal(rest: rest)
                }
                text.unicodeScalars.append(scalar)
            default: text.unicodeScalars.append(kind)
            }
        }
        return text
    }
}
