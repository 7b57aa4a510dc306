/// Metrics read by the letter of their format, so that a text with any fault in it is refused.
///
/// Written from the two specifications, not from the writer: OpenMetrics 1.0.0, and the text format 0.0.4.
public struct Exposition {
    /// What the lines before a family's samples say.
    private struct Family {
        var type = ""
        var help: String?
        var unit: String?
    }

    /// One line with a value.
    public struct Sample: Sendable {
        /// The family it belongs to.
        public var family: String
        /// Its name, which goes on where the family's ends.
        public var name: String
        /// Its labels.
        public var labels: [String: String]
        /// Its value.
        public var value: Double
    }

    /// What is wrong with a text.
    public struct Refusal: Error, CustomStringConvertible {
        /// The fault and the line.
        public let description: String

        init(_ description: String) { self.description = description }
    }

    /// The families in the order they come in.
    public private(set) var order: [String] = []
    /// The samples in the order they come in.
    public private(set) var samples: [Sample] = []

    private var families: [String: Family] = [:]

    private let isOpen: Bool
    private var current: String?
    private var seen: Set<String> = []

    /// Reads a whole text.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - isOpenMetrics: whether it is OpenMetrics and not Prometheus text.
    /// - Throws: ``Refusal`` for the first fault.
    public init(_ bytes: [UInt8], isOpenMetrics: Bool) throws {
        isOpen = isOpenMetrics
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Refusal("not UTF-8") }
        guard text.last == "\n" else { throw Refusal("the last line has no end") }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        if isOpen {
            guard lines.popLast() == "# EOF" else { throw Refusal("the end is missing") }
        }
        for line in lines {
            do {
                try line.hasPrefix("#") ? readDescription(line) : readSample(line)
            } catch let refusal as Refusal {
                throw Refusal("\(refusal): \(line)")
            }
        }
        for family in order where families[family]?.type == "histogram" { try checkHistogram(family) }
    }

    /// The value of a series; `nil` when it is not there.
    public func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    // MARK: Lines

    private mutating func readDescription(_ line: Substring) throws {
        let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(
            String.init
        )
        guard words.count == 4, words[0] == "#", !words[3].isEmpty else { throw Refusal("a free comment") }
        let (keyword, name, text) = (words[1], words[2], words[3])
        guard name.wholeMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/) != nil else { throw Refusal("no name") }
        if name != current {
            guard families[name] == nil else { throw Refusal("the family is there twice") }
            families[name] = Family()
            order.append(name)
            current = name
        }
        guard !samples.contains(where: { $0.family == name }) else { throw Refusal("described too late") }
        switch keyword {
        case "HELP":
            guard families[name]?.help == nil else { throw Refusal("helped twice") }
            guard text.wholeMatch(of: isOpen ? /([^\\"]|\\[\\n"])*/ : /([^\\]|\\[\\n])*/) != nil else {
                throw Refusal("a wrong escape")
            }
            families[name]?.help = text
        case "TYPE":
            guard families[name]?.type == "" else { throw Refusal("typed twice") }
            let types = ["counter", "gauge", "histogram"] + (isOpen ? ["info"] : [])
            guard types.contains(text) else { throw Refusal("an unknown type") }
            guard isOpen || text != "counter" || name.hasSuffix("_total") else { throw Refusal("no _total") }
            families[name]?.type = text
            let reserved = ["_total", "_info", "_bucket", "_sum", "_count", "_created"]
            guard !isOpen || !reserved.contains(where: name.hasSuffix) else {
                throw Refusal("a reserved end")
            }
        case "UNIT":
            guard isOpen, families[name]?.unit == nil else { throw Refusal("no unit is expected") }
            guard name.hasSuffix("_\(text)") else { throw Refusal("the unit is not in the name") }
            families[name]?.unit = text
        default: throw Refusal("a free comment")
        }
    }

    private mutating func readSample(_ line: Substring) throws {
        guard let match = line.wholeMatch(of: /([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)/) else {
            throw Refusal("no sample")
        }
        let name = String(match.1)
        guard let family = current, let known = families[family], known.help != nil, !known.type.isEmpty
        else {
            throw Refusal("not described before")
        }
        guard Self.names(of: family, known.type, isOpen).contains(name) else {
            throw Refusal("not of family \(family)")
        }
        let labels = try Self.labels(match.2 ?? "")
        guard let value = Self.number(match.3) else { throw Refusal("no number") }
        if known.type != "gauge" { guard value >= 0, value.isFinite else { throw Refusal("negative") } }
        if known.type == "info" { guard value == 1 else { throw Refusal("info is not 1") } }
        let key = name + labels.sorted { $0.key < $1.key }.map { "\n\($0.key)=\($0.value)" }.joined()
        guard seen.insert(key).inserted else { throw Refusal("a series twice") }
        samples.append(Sample(family: family, name: name, labels: labels, value: value))
    }

    private static func names(of family: String, _ type: String, _ isOpen: Bool) -> [String] {
        switch type {
        case "counter": [isOpen ? "\(family)_total" : family]
        case "info": ["\(family)_info"]
        case "histogram": ["\(family)_bucket", "\(family)_sum", "\(family)_count"]
        default: [family]
        }
    }

    private static func labels(_ text: Substring) throws -> [String: String] {
        var labels: [String: String] = [:]
        var rest = text
        while !rest.isEmpty {
            let pair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/
            guard let match = rest.prefixMatch(of: pair) else { throw Refusal("no label") }
            var value = ""
            var isEscaped = false
            for character in match.2.unicodeScalars {
                if !isEscaped, character == "\\" {
                    isEscaped = true
                } else {
                    value.unicodeScalars.append(isEscaped && character == "n" ? "\n" : character)
                    isEscaped = false
                }
            }
            guard labels.updateValue(value, forKey: String(match.1)) == nil else {
                throw Refusal("a label twice")
            }
            rest = rest[match.range.upperBound...]
            if rest.isEmpty { break }
            guard rest.first == ",", rest.count > 1 else { throw Refusal("no comma") }
            rest = rest.dropFirst()
        }
        return labels
    }

    private static func number(_ text: Substring) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: text.wholeMatch(of: /[+-]?\d+(\.\d+)?([eE][+-]?\d+)?/) != nil ? Double(text) : nil
        }
    }

    // MARK: Histograms

    /// Every histogram of a family comes in one piece: rising buckets up to `+Inf`, the sum, the same count.
    private func checkHistogram(_ family: String) throws {
        var rest = samples.filter { $0.family == family }[...]
        while let first = rest.first {
            var labels = first.labels
            labels["le"] = nil
            var bound = -Double.infinity
            var count = 0.0
            while bound < .infinity {
                guard let sample = rest.popFirst(), sample.name == "\(family)_bucket",
                    let le = sample.labels["le"],
                    let next = Self.number(Substring(le)), next > bound, sample.value >= count
                else { throw Refusal("\(family): the buckets do not rise") }
                guard next == .infinity || "\(next)" == le else { throw Refusal("\(le) is not canonical") }
                var others = sample.labels
                others["le"] = nil
                guard others == labels else { throw Refusal("\(family): histograms are mixed") }
                (bound, count) = (next, sample.value)
            }
            guard let sum = rest.popFirst(), sum.name == "\(family)_sum", sum.labels == labels,
                let total = rest.popFirst(), total.name == "\(family)_count", total.labels == labels
            else { throw Refusal("\(family): sum and count do not follow") }
            guard total.value == count else { throw Refusal("\(family): the count is another than +Inf's") }
        }
    }
}
