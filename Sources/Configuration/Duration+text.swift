/// A unit a duration may be written in, from large to small.
private enum DurationUnit: String, CaseIterable {
    case hours = "h"
    case minutes = "m"
    case seconds = "s"
    case milliseconds = "ms"

    var inMilliseconds: Int {
        switch self {
        case .hours: 3_600_000
        case .minutes: 60_000
        case .seconds: 1_000
        case .milliseconds: 1
        }
    }
}

extension Duration {
    /// Reads `500ms`, `2s`, `1m30s`, `1h` or `0`.
    ///
    /// The units are `h`, `m`, `s` and `ms`, from large to small and each at most once. A number without a
    /// unit is refused, except for 0: whether 10 means seconds or milliseconds is a guess no one should have
    /// to make.
    public init(configurationText text: String) throws(ValueProblem) {
        guard text != "0" else {
            self = .zero
            return
        }
        try Self.refuseOtherNotations(text)
        var rest = Substring(text)
        var total = 0
        var smallest = Int.max
        while !rest.isEmpty {
            let number = rest.prefix(whileBytes: \.isASCIIDigit)
            let name = rest[number.endIndex...].prefix { !$0.utf8.allSatisfy(\.isASCIIDigit) }
            let unit = try Self.unit(named: name, of: number)
            guard unit.inMilliseconds < smallest else {
                throw .malformed("units go from large to small, each once, for example 1m30s")
            }
            smallest = unit.inMilliseconds
            guard let sum = Self.sum(total, number, unit) else {
                throw .malformed("the duration is too long to be measured in milliseconds")
            }
            total = sum
            rest = rest[name.endIndex...]
        }
        self = .milliseconds(total)
    }

    /// A text which reads back as this duration, rounded down to milliseconds.
    ///
    /// Up to two minutes it is in seconds, as operators write it: `60s`, `90s`. Fractions of a second are in
    /// milliseconds, anything longer in hours, minutes and seconds.
    public var configurationText: String {
        let (whole, attoseconds) = components
        let seconds = Int(whole)
        let milliseconds = Int(attoseconds / 1_000_000_000_000_000)
        guard milliseconds == 0 else { return "\(seconds * 1_000 + milliseconds)ms" }
        if seconds == 0 { return "0" }
        if seconds <= 120 { return "\(seconds)s" }
        let parts = [(seconds / 3_600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")]
        return parts.map { $0 == 0 ? "" : "\($0)\($1)" }.joined()
    }

    /// Notations other programs take, each of which deserves its own answer.
    private static func refuseOtherNotations(_ text: String) throws(ValueProblem) {
        if text.isEmpty { throw .malformed("the duration is empty; write one such as 10s or 500ms") }
        if text.hasPrefix("-") { throw .malformed("a duration cannot be negative") }
        if text.contains(where: { $0 == "." || $0 == "," }) {
            throw .malformed("fractions are not read; write a smaller unit, for example 1500ms")
        }
        guard let first = text.utf8.first, first.isASCIIDigit else {
            throw .malformed("a duration begins with a number, for example 10s or 500ms")
        }
    }

    private static func unit(named name: Substring, of number: Substring) throws(ValueProblem) -> DurationUnit
    {
        guard !name.isEmpty else {
            throw .malformed(
                "\(number.prefix(20)) has no unit; the units are ms, s, m and h, for example 10s"
            )
        }
        guard let unit = DurationUnit(rawValue: String(name)) else {
            throw .malformed("\(quoted(name)) is not a unit; the units are ms, s, m and h, for example 10s")
        }
        return unit
    }

    private static func sum(_ total: Int, _ number: Substring, _ unit: DurationUnit) -> Int? {
        guard let count = Int(number) else { return nil }
        let product = count.multipliedReportingOverflow(by: unit.inMilliseconds)
        let sum = total.addingReportingOverflow(product.partialValue)
        return product.overflow || sum.overflow ? nil : sum.partialValue
    }
}
