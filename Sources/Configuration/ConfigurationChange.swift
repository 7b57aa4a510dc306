/// What is different between two configurations, in the words of a log line.
///
/// For example `backend +10.0.0.9:8080 -10.0.0.2:8080; health-interval 10s -> 5s`.
public struct ConfigurationChange: Sendable, Equatable {
    /// The settings that differ, in the order of the help.
    public let settings: [Setting]
    /// One line; `nothing changed` where nothing did.
    public let summary: String

    /// Longer lists are cut, so that a thousand new backends are still one line.
    private static let maxShown = 8

    /// The way from `old` to `new`.
    public init(from old: ServerConfiguration, to new: ServerConfiguration) {
        settings = Setting.allCases.filter { $0.texts(in: old) != $0.texts(in: new) }
        let parts = settings.map { setting in
            let words = Self.words(setting, old, new)
            return setting.needsRestart ? "\(words) (from the next start on)" : words
        }
        summary = parts.isEmpty ? "nothing changed" : parts.joined(separator: "; ")
    }

    /// Whether there is no difference.
    public var isEmpty: Bool { settings.isEmpty }

    /// The settings whose new value waits for the next start.
    public var needingRestart: [Setting] { settings.filter(\.needsRestart) }

    private static func words(
        _ setting: Setting,
        _ old: ServerConfiguration,
        _ new: ServerConfiguration
    ) -> String {
        if setting.isSecret { return "\(setting.name) changed" }
        let before = setting.texts(in: old)
        let after = setting.texts(in: new)
        guard setting.isRepeatable else {
            return "\(setting.name) \(printable(before[0])) -> \(printable(after[0]))"
        }
        let added = after.without(before)
        let removed = before.without(after)
        let isMoved = before.without(removed) != after.without(added)
        let words = [list(added, sign: "+"), list(removed, sign: "-"), isMoved ? "in another order" : ""]
        return ([setting.name] + words.filter { !$0.isEmpty }).joined(separator: " ")
    }

    private static func list(_ texts: [String], sign: String) -> String {
        let shown = texts.prefix(maxShown).map { sign + $0 }
        let rest = texts.count - shown.count
        return (shown + (rest > 0 ? ["\(sign)\(rest) more"] : [])).joined(separator: " ")
    }

    /// A value as it is, unless it could upset a terminal or hide where it ends.
    private static func printable(_ text: String) -> String {
        let quoted = quoted(text)
        return quoted == "\"\(text)\"" && !text.contains(" ") ? text : quoted
    }
}

extension [String] {
    /// The texts that are left when each of `others` has taken one away.
    fileprivate func without(_ others: [String]) -> [String] {
        var counts = Dictionary(others.map { ($0, 1) }, uniquingKeysWith: +)
        return filter { text in
            guard let count = counts[text], count > 0 else { return true }
            counts[text] = count - 1
            return false
        }
    }
}
