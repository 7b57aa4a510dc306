extension Setting {
    /// A line that works in a configuration file: `backend = ["10.0.0.7:8080"]`.
    var tomlExample: String { "\(name) = \(tomlValue([example]))" }

    /// The configuration as a file that reads back as the same one, with the origin of each value behind it.
    ///
    /// The token of the admin listener is the exception: that one is set is said in a comment.
    ///
    /// - Parameters:
    ///   - configuration: what is in effect.
    ///   - origins: where it comes from; what is left out is a default.
    /// - Returns: the lines.
    public static func document(
        of configuration: ServerConfiguration,
        origins: [Setting: SettingOrigin]
    ) -> [String] {
        var lines: [String] = []
        for group in SettingGroup.allCases {
            if !lines.isEmpty { lines.append("") }
            lines.append("# \(group.rawValue)")
            for setting in allCases where setting.group == group {
                lines += setting.tomlLines(in: configuration, origins[setting] ?? .standard)
            }
        }
        return lines
    }

    private func tomlLines(in configuration: ServerConfiguration, _ origin: SettingOrigin) -> [String] {
        let texts = texts(in: configuration)
        let note = "  # \(self.note(on: origin))"
        if isSecret, text(in: configuration) != defaultText {
            return ["# \(name) is set and not shown" + note]
        }
        // One line for each of several backends, which a comparison of two files then shows.
        guard isRepeatable, texts.count > 1 else { return ["\(name) = \(tomlValue(texts))" + note] }
        return ["\(name) = ["] + texts.map { "    \(Self.tomlString($0))," } + ["]" + note]
    }

    private func note(on origin: SettingOrigin) -> String {
        switch origin {
        case .flag: "flag"
        case .environment: environmentName
        case .file(let position): "file line \(position.line ?? 1)"
        case .standard: "default"
        }
    }

    private func tomlValue(_ texts: [String]) -> String {
        if isRepeatable { return "[\(texts.map(Self.tomlString).joined(separator: ", "))]" }
        let text = texts.first ?? ""
        if isSwitch { return text == "on" ? "true" : "false" }
        // A size or a duration that happens to be a number stays a text, like its neighbours.
        return placeholder == "NUMBER" && text.isASCIIDigits ? text : Self.tomlString(text)
    }

    /// A basic string (TOML 1.0.0).
    private static func tomlString(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
