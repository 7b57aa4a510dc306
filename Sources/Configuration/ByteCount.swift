/// A number of bytes as written in a setting: `4096`, `64k`, `64KiB`, `1m`, `1g`.
public struct ByteCount: Sendable, Hashable, CustomStringConvertible {
    /// The number itself, never negative.
    public let bytes: Int

    /// A count from its number.
    public init(_ bytes: Int) {
        self.bytes = bytes
    }

    /// Reads a number with an optional unit: `k` or `KiB`, `m` or `MiB`, `g` or `GiB`, in any case.
    ///
    /// `k` is 1024. `KB` is refused, because half of its readers take it for 1000.
    public init(configurationText text: String) throws(ValueProblem) {
        guard !text.isEmpty else { throw .malformed("the size is empty; write one such as 4096, 64k or 1m") }
        let number = text.prefix(whileBytes: \.isASCIIDigit)
        guard !number.isEmpty else {
            throw .malformed("a size is a whole number with an optional unit, for example 4096, 64k or 1m")
        }
        let name = text[number.endIndex...]
        guard let unit = Self.unit(named: name) else {
            throw .malformed(
                "\(quoted(name)) is not a unit; the units are k, m and g, each 1024 of the one before"
            )
        }
        guard let count = Int(number) else { throw .malformed("the size is too large to count") }
        let product = count.multipliedReportingOverflow(by: unit)
        guard !product.overflow else { throw .malformed("the size is too large to count") }
        bytes = product.partialValue
    }

    /// The number in the largest unit that divides it: `64k`, `1m`, `4097`.
    public var description: String {
        for (unit, name) in [(1 << 30, "g"), (1 << 20, "m"), (1 << 10, "k")]
        where bytes != 0 && bytes.isMultiple(of: unit) {
            return "\(bytes / unit)\(name)"
        }
        return "\(bytes)"
    }

    private static func unit(named name: Substring) -> Int? {
        switch name.lowercased() {
        case "": 1
        case "k", "kib": 1 << 10
        case "m", "mib": 1 << 20
        case "g", "gib": 1 << 30
        default: nil
        }
    }
}
