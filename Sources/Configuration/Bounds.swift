/// The values a setting takes, in a form that can be checked and said.
struct Bounds<Value: Comparable> {
    let limits: ClosedRange<Value>
    /// The value taken besides `limits`, with what it does.
    var zero: (value: Value, meaning: String)?
    /// A word taken besides numbers.
    var word: String?
    let print: (Value) -> String

    /// `100ms to 1h, or 0 to turn it off`; `1 to 256, or auto`.
    var description: String {
        let range = "\(print(limits.lowerBound)) to \(print(limits.upperBound))"
        let other = zero.map { "0 \($0.meaning)" } ?? word
        return other.map { "\(range), or \($0)" } ?? range
    }

    /// Passes on a value within the bounds, and names the bound it broke otherwise.
    func check(_ value: Value) throws(ValueProblem) -> Value {
        if let zero, value == zero.value { return value }
        guard value >= limits.lowerBound else {
            throw .malformed(
                "\(print(value)) is below \(print(limits.lowerBound)); the value runs from \(description)"
            )
        }
        guard value <= limits.upperBound else {
            throw .malformed(
                "\(print(value)) is above \(print(limits.upperBound)); the value runs from \(description)"
            )
        }
        return value
    }
}

extension Bounds<Int> {
    /// Reads a whole number within the bounds.
    func count(_ text: String) throws(ValueProblem) -> Int {
        guard text.isASCIIDigits else {
            throw .malformed("a whole number is needed; the value runs from \(description)")
        }
        guard let number = Int(text) else {
            throw .malformed(
                "the number is above \(print(limits.upperBound)); the value runs from \(description)"
            )
        }
        return try check(number)
    }
}
