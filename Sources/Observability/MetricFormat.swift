/// The two texts in which metrics are exposed.
public enum MetricFormat: Sendable, CaseIterable {
    /// Prometheus text, 0.0.4: what a browser and curl get.
    case prometheus
    /// OpenMetrics 1.0.0, for whoever prefers it.
    case openMetrics

    /// The media type of the text.
    public var contentType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// Chooses what a client prefers (RFC 9110 §12.5.1).
    ///
    /// OpenMetrics is chosen if it is preferred to plain text, or liked as well and named. A client that accepts
    /// neither gets Prometheus text, since a 406 would not help; so does one that says nothing.
    ///
    /// - Parameter accept: the value of `Accept`; several fields joined by commas.
    public init(accept: String?) {
        let ranges = AcceptedRange.list(accept ?? "*/*")
        let open = Self.quality(ranges, "application", "openmetrics-text", version: "1.0.0")
        let plain = Self.quality(ranges, "text", "plain", version: "0.0.4")
        let isOpenPreferred = open.weight > plain.weight || open.weight == plain.weight && open.isNamed
        self = open.weight > 0 && isOpenPreferred ? .openMetrics : .prometheus
    }

    /// What the most precise of the matching ranges says of a type.
    private static func quality(
        _ ranges: [AcceptedRange],
        _ type: String,
        _ subtype: String,
        version: String
    ) -> (weight: Int, isNamed: Bool) {
        var best = (weight: 0, precision: -1)
        for range in ranges {
            guard let precision = range.precision(for: type, subtype, version: version) else { continue }
            // Of two that are as precise the kinder one counts.
            if (precision, range.weight) > (best.precision, best.weight) {
                best = (range.weight, precision)
            }
        }
        return (best.weight, best.precision >= 2)
    }
}

/// One member of `Accept`.
private struct AcceptedRange {
    var type = ""
    var subtype = ""
    /// Thousandths.
    var weight = 1000
    var version: String?
    var charset: String?

    /// Every member that is well-formed.
    static func list(_ text: String) -> [AcceptedRange] {
        split(text, at: UInt8(ascii: ",")).compactMap(AcceptedRange.init)
    }

    /// How precisely it names a type; `nil` when it does not match.
    func precision(for type: String, _ subtype: String, version: String) -> Int? {
        if self.version ?? version != version || charset ?? "utf-8" != "utf-8" { return nil }
        switch (self.type, self.subtype) {
        case (type, subtype): return 2 + (self.version == nil ? 0 : 1) + (charset == nil ? 0 : 1)
        case (type, "*"): return 1
        case ("*", "*"): return 0
        default: return nil
        }
    }

    private init?(_ member: [UInt8]) {
        let parts = Self.split(member, at: UInt8(ascii: ";"))
        guard let first = parts.first, let slash = first.firstIndex(of: UInt8(ascii: "/")),
            let type = Self.token(first[..<slash]), let subtype = Self.token(first[(slash + 1)...])
        else { return nil }
        self.type = type
        self.subtype = subtype
        for part in parts.dropFirst() where !part.isEmpty {
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")),
                let name = Self.token(part[..<equals]), let value = Self.value(part[(equals + 1)...])
            else { return nil }
            switch name {
            case "q":
                guard let weight = Self.weight(value) else { return nil }
                self.weight = weight
            case "version": version = value
            case "charset": charset = value
            default: break
            }
        }
    }

    /// The parts between separators that stand outside of quotes, without white space at their ends.
    private static func split(_ text: String, at separator: UInt8) -> [[UInt8]] {
        split(Array(text.utf8), at: separator)
    }

    private static func split(_ bytes: [UInt8], at separator: UInt8) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        var part: [UInt8] = []
        var isQuoted = false
        var isEscaped = false
        for byte in bytes {
            if byte == separator, !isQuoted {
                parts.append(trimmed(part[...]))
                part = []
                continue
            }
            part.append(byte)
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                isEscaped = true
            }
        }
        return parts + [trimmed(part[...])]
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var rest = bytes.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return Array(rest)
    }

    /// A token in lower case; `nil` when it is none.
    private static func token(_ bytes: ArraySlice<UInt8>) -> String? {
        let isToken = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                true
            default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        }
        return isToken && !bytes.isEmpty ? String(decoding: bytes, as: UTF8.self).lowercased() : nil
    }

    /// A token or a quoted string, in lower case.
    private static func value(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.first == UInt8(ascii: "\"") else { return token(bytes) }
        guard bytes.count >= 2, bytes.last == UInt8(ascii: "\"") else { return nil }
        var text: [UInt8] = []
        var isEscaped = false
        for byte in bytes.dropFirst().dropLast() {
            if !isEscaped, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                text.append(byte)
                isEscaped = false
            }
        }
        return isEscaped ? nil : String(decoding: text, as: UTF8.self).lowercased()
    }

    /// `0` to `1` with at most three decimals, in thousandths (RFC 9110 §12.4.2).
    private static func weight(_ text: String) -> Int? {
        let digits = Array(text.utf8)
        guard let first = digits.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1") else {
            return nil
        }
        var value = Int(first - UInt8(ascii: "0"))
        if digits.count > 1, digits[1] != UInt8(ascii: ".") || digits.count > 5 { return nil }
        for place in 2..<5 {
            value *= 10
            guard place < digits.count else { continue }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digits[place]) else { return nil }
            value += Int(digits[place] - UInt8(ascii: "0"))
        }
        return value <= 1000 ? value : nil
    }
}
