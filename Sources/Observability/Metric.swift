/// What one metric is: everything but its values.
public struct Metric: Sendable {
    /// The name without the endings that its kind adds.
    public let family: StaticString
    /// What its values are.
    public let kind: Kind
    /// What its values are measured in; part of the name.
    public let unit: Unit
    /// What it says, in a sentence.
    public let help: StaticString
    /// The names of its labels in the order they are written in, without a histogram's `le`.
    public let labels: [StaticString]

    init(
        _ family: StaticString,
        _ kind: Kind,
        in unit: Unit = .none,
        by labels: [StaticString] = [],
        _ help: StaticString
    ) {
        self.family = family
        self.kind = kind
        self.unit = unit
        self.labels = labels
        self.help = help
    }

    /// The kinds of metrics.
    public enum Kind: Sendable {
        /// Only rises, from 0 at the start of the process.
        case counter
        /// Rises and falls.
        case gauge
        /// Counts values by size.
        case histogram
        /// Always 1; its labels are what matters.
        case info
    }

    /// The base units of Prometheus.
    public enum Unit: Sendable {
        /// A plain number.
        case none
        /// Seconds.
        case seconds
        /// Bytes.
        case bytes
    }

    /// The name its samples have; a histogram's go on with `_bucket`, `_sum` and `_count`.
    public var name: String { "\(family)\(suffix)" }

    /// What its kind adds to the family's name.
    var suffix: StaticString {
        switch kind {
        case .counter: "_total"
        case .info: "_info"
        case .gauge, .histogram: ""
        }
    }
}
