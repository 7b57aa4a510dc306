/// An environment variable that looks like a setting and is none.
///
/// Not an error, since Swerve does not own its environment: orchestrators add variables named after a
/// service.
public struct ConfigurationWarning: Sendable, Equatable, CustomStringConvertible {
    /// The name of the variable.
    public let name: String
    /// The variable that was probably meant.
    public let suggestion: String?

    /// One line, such as `SWERVE_BACKENDS is not a setting; did you mean SWERVE_BACKEND?`.
    public var description: String {
        let printable = quoted(name).dropFirst().dropLast()
        return "\(printable) is not a setting" + (suggestion.map { "; did you mean \($0)?" } ?? "")
    }

    init(name: String) {
        self.name = name
        let candidates = Setting.allCases.map(\.environmentName) + [ConfigurationFile.environmentName]
        suggestion = Spelling.nearest(to: name, among: candidates, prefix: Setting.environmentPrefix)
    }
}
