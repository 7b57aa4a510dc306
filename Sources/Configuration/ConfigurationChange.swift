/// What differs between two configurations.
public struct ConfigurationChange: Sendable {
    /// The differences in one line.
    public let summary: String

    /// Compares.
    public init(from old: ServerConfiguration, to new: ServerConfiguration) {
        let changes = Setting.allCases.compactMap { setting -> String? in
            let before = setting.text(in: old)
            let after = setting.text(in: new)
            return before == after ? nil : "\(setting.name) \(before) -> \(after)"
        }
        summary = changes.isEmpty ? "nothing changed" : changes.joined(separator: "; ")
    }
}
