extension Setting {
    /// One line for the help: what it does, its default, its bounds, and the variable in its place.
    public var helpText: String {
        var notes = [defaultText.map { "default: \($0)" } ?? "required"]
        if let bounds { notes.append(bounds) }
        if isRepeatable { notes.append("repeatable") }
        notes.append(environmentName)
        return "\(help) (\(notes.joined(separator: "; ")))"
    }

    /// All settings as the Markdown table of the README, without a line break at the end.
    public static func markdownTable() -> String {
        let header = ["| Flag | Default | Environment | Meaning |", "| --- | --- | --- | --- |"]
        return (header + allCases.map(\.markdownRow)).joined(separator: "\n")
    }

    private var markdownRow: String {
        let initial = defaultText.map { "`\($0)`" } ?? "required"
        var meaning = help
        if let bounds { meaning += " Takes \(bounds)." }
        if isRepeatable {
            meaning +=
                " Repeat the flag, or separate the addresses in the variable by commas, for more than one."
        }
        return "| `\(flag) \(placeholder)` | \(initial) | `\(environmentName)` | \(meaning) |"
    }
}
