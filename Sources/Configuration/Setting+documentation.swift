extension Setting {
    /// One line for the help: what it does, its default, its bounds, and the variable in its place.
    public var helpText: String {
        var notes = [defaultText.map { "default: \($0)" } ?? "required"]
        if let bounds { notes.append(bounds) }
        if isRepeatable { notes.append("repeatable") }
        notes.append(environmentName)
        return "\(help) (\(notes.joined(separator: "; ")))"
    }

    /// The configuration file and all settings as the Markdown table of the manual, without a line break at the end.
    public static func markdownTable() -> String {
        let header = ["| Flag | Default | Environment | Meaning |", "| --- | --- | --- | --- |"]
        let file =
            "| `\(ConfigurationFile.flag) \(ConfigurationFile.placeholder)` | none | "
            + "`\(ConfigurationFile.environmentName)` | \(ConfigurationFile.help) |"
        return (header + [file] + allCases.map(\.markdownRow)).joined(separator: "\n")
    }

    private var markdownRow: String {
        let initial = defaultText.map { "`\($0)`" } ?? "required"
        var meaning = help
        if let bounds { meaning += " Takes \(bounds)." }
        if isRepeatable {
            meaning +=
                " For more than one, repeat the flag, separate them by commas in the variable, or write a list in the file."
        }
        return "| `\(flag) \(placeholder)` | \(initial) | `\(environmentName)` | \(meaning) |"
    }
}
