internal import HTTPMessages

/// Writes metrics line by line, in one of the two formats.
///
/// The metrics of a thousand backends are about a hundred thousand lines, written on a loop that serves clients too: a
/// line is put together from pieces that are there already.
struct MetricWriter {
    let output: ByteWriter
    let format: MetricFormat
    private var family: StaticString = ""
    private var suffix: StaticString = ""

    init(_ format: MetricFormat, to output: ByteWriter) {
        self.format = format
        self.output = output
    }

    /// Writes what a metric is; its samples follow.
    mutating func begin(_ metric: Metric) {
        family = metric.family
        suffix = metric.suffix
        // Prometheus text knows a metric by the name of its samples.
        let ending: StaticString = format == .prometheus ? suffix : ""
        describe("# HELP ", ending, metric.help)
        describe("# TYPE ", ending, typeName(metric.kind))
        guard format == .openMetrics, let unit = unitName(metric.unit) else { return }
        describe("# UNIT ", ending, unit)
    }

    /// Writes what stands behind the last metric.
    func end() {
        if format == .openMetrics { output.append("# EOF\n") }
    }

    private func describe(_ keyword: StaticString, _ ending: StaticString, _ text: StaticString) {
        output.append(keyword)
        output.append(family)
        output.append(ending)
        output.append(" ")
        output.append(text)
        output.append("\n")
    }

    private func typeName(_ kind: Metric.Kind) -> StaticString {
        switch kind {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        case .info: format == .openMetrics ? "info" : "gauge"
        }
    }

    private func unitName(_ unit: Metric.Unit) -> StaticString? {
        switch unit {
        case .none: nil
        case .seconds: "seconds"
        case .bytes: "bytes"
        }
    }

    // MARK: Samples

    /// Begins a line; labels and then a value follow.
    func name() {
        output.append(family)
        output.append(suffix)
    }

    /// Writes the whole line of a metric without labels.
    func sample(_ value: UInt64) {
        name()
        end(value)
    }

    /// Writes the whole line of a metric without labels.
    func sample(_ value: Double) {
        name()
        output.append(" ")
        output.append(number: value)
        output.append("\n")
    }

    /// Writes the whole line of a metric with one label, whose text is taken as it is.
    func sample(_ label: StaticString, _ text: String, _ value: UInt64) {
        name()
        output.append("{")
        output.append(label)
        output.append("=\"")
        output.append(labelText: text)
        output.append("\"}")
        end(value)
    }

    /// Ends a line with its value.
    @inline(__always)
    func end(_ value: UInt64) {
        output.append(" ")
        output.append(decimal: Int(clamping: value))
        output.append("\n")
    }

    /// Writes a whole histogram, whose only labels are in `labels`.
    func histogram(_ totals: HistogramTotals, labels: LabelTexts, _ index: Int, bounds: LabelTexts) {
        var count: UInt64 = 0
        for bucket in totals.counts.indices {
            count += totals.counts[bucket]
            output.append(family)
            output.append("_bucket{")
            labels.append(index, to: output)
            bounds.append(bucket, to: output)
            end(count)
        }
        output.append(family)
        output.append("_sum{")
        labels.append(index, to: output)
        output.append("} ")
        output.append(secondsOf: totals.nanoseconds)
        output.append("\n")
        output.append(family)
        output.append("_count{")
        labels.append(index, to: output)
        output.append("}")
        end(count)
    }
}

/// Pieces of lines that are used again and again.
struct LabelTexts {
    private let memory: [UInt8]
    private let ranges: [Range<Int>]

    /// `backend="10.0.0.1:80"` for each name.
    init(backends names: [String]) {
        self.init(names) { name, writer in
            writer.append("backend=\"")
            writer.append(labelText: name)
            writer.append("\"")
        }
    }

    /// `,le="0.5"}` for each bound and the one above them all.
    ///
    /// The bounds are canonical numbers of OpenMetrics in both formats, so that a bucket has one name.
    init(bounds: HistogramBounds) {
        self.init(bounds.nanoseconds.map { $0 } + [nil]) { bound, writer in
            writer.append(",le=\"")
            if let bound {
                writer.append(secondsOf: bound)
            } else {
                writer.append("+Inf")
            }
            writer.append("\"}")
        }
    }

    private init<Item>(_ items: [Item], _ write: (Item, ByteWriter) -> Void) {
        let writer = ByteWriter(capacity: 32 * items.count)
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(items.count)
        for item in items {
            let start = writer.count
            write(item, writer)
            ranges.append(start..<writer.count)
        }
        memory = writer.bytes
        self.ranges = ranges
    }

    @inline(__always)
    func append(_ index: Int, to output: ByteWriter) {
        output.append(memory.span, ranges[index])
    }
}

extension ByteWriter {
    /// Appends a label's value: backslash, quote and line feed are escaped, the rest is as it is.
    func append(labelText text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append("\\\\")
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\n"): append("\\n")
            default: append(byte)
            }
        }
    }

    /// Appends nanoseconds as seconds, exactly, with at least one decimal.
    func append(secondsOf nanoseconds: UInt64) {
        append(decimal: Int(clamping: nanoseconds / 1_000_000_000))
        append(".")
        var rest = nanoseconds % 1_000_000_000
        var place: UInt64 = 100_000_000
        repeat {
            append(UInt8(48 + rest / place))
            rest %= place
            place /= 10
        } while rest > 0
    }

    /// Appends a number as both formats of metrics read it.
    func append(number value: Double) {
        if value.isNaN {
            append("NaN")
        } else if value.isInfinite {
            append(value < 0 ? "-Inf" : "+Inf")
        } else {
            append(text: "\(value)")
        }
    }
}
