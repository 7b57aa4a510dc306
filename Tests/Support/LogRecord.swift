import Foundation

/// One line of JSON that the balancer logged, taken apart by somebody else's strict parser.
public struct LogRecord {
    /// The line as written.
    public let text: String
    private let values: [String: Any]

    /// Takes a line apart; `nil` when it is no JSON object.
    public init?(_ text: String) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)),
            let values = object as? [String: Any]
        else { return nil }
        self.text = text
        self.values = values
    }

    /// The names of all fields.
    public var names: Set<String> { Set(values.keys) }

    /// A text, or `nil` when it is another thing or null.
    public subscript(name: String) -> String? { values[name] as? String }

    /// A number.
    public func number(_ name: String) -> Double? { (values[name] as? NSNumber)?.doubleValue }

    /// Whether the field is there and null.
    public func isNull(_ name: String) -> Bool { values[name] is NSNull }

    /// A time of the field `ms`.
    public func milliseconds(_ name: String) -> Double? {
        ((values["ms"] as? [String: Any])?[name] as? NSNumber)?.doubleValue
    }
}

extension OutputLog {
    /// The complete lines so far that are JSON objects.
    public var records: [LogRecord] { lines.compactMap(LogRecord.init) }
}
