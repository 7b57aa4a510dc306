extension StatusRanges: CustomStringConvertible {
    /// Reads `200-399` or `200,204,301-302`; each status is within 100 to 599 (RFC 9110 section 15).
    public init(configurationText text: String) throws(ValueProblem) {
        var ranges: [ClosedRange<Int>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let bounds = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            let first = try Self.status(bounds[0])
            let last = bounds.count == 2 ? try Self.status(bounds[1]) : first
            guard first <= last else {
                throw .malformed("the range \(first)-\(last) runs backwards; write \(last)-\(first)")
            }
            ranges.append(first...last)
        }
        self.init(ranges)
    }

    /// The ranges in the order written: `200,204,301-302`.
    public var description: String {
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }

    private static func status(_ text: Substring) throws(ValueProblem) -> Int {
        let example = "for example 200-399 or 200,204,301-302"
        guard !text.isEmpty else {
            throw .malformed("a status is missing; write codes and ranges, \(example)")
        }
        guard text.isASCIIDigits else {
            throw .malformed("\(quoted(text)) is not a status; write codes and ranges, \(example)")
        }
        guard let status = Int(text), (100...599).contains(status) else {
            throw .malformed("status \(text.prefix(20)) is outside 100 to 599")
        }
        return status
    }
}
