internal import HTTPMessages

/// Writes JSON (RFC 8259) member by member, without white space.
struct JSONWriter {
    let output: ByteWriter
    private var needsComma = false

    init(to output: ByteWriter) {
        self.output = output
    }

    // MARK: Structure

    /// Writes an object, whose members `body` writes.
    mutating func object(_ name: StaticString? = nil, _ body: (inout JSONWriter) -> Void) {
        begin(name)
        output.append("{")
        needsComma = false
        body(&self)
        output.append("}")
        needsComma = true
    }

    /// Writes an array, whose elements `body` writes.
    mutating func array(_ name: StaticString? = nil, _ body: (inout JSONWriter) -> Void) {
        begin(name)
        output.append("[")
        needsComma = false
        body(&self)
        output.append("]")
        needsComma = true
    }

    private mutating func begin(_ name: StaticString?) {
        if needsComma { output.append(",") }
        needsComma = true
        guard let name else { return }
        output.append("\"")
        output.append(name)
        output.append("\":")
    }

    // MARK: Values

    mutating func value(_ name: StaticString? = nil, _ text: String?) {
        begin(name)
        guard let text else { return output.append("null") }
        output.append("\"")
        output.append(plainJSON: text)
        output.append("\"")
    }

    mutating func value(_ name: StaticString? = nil, _ number: UInt64) {
        begin(name)
        output.append(decimal: Int(clamping: number))
    }

    mutating func value(_ name: StaticString? = nil, _ number: Int?) {
        begin(name)
        guard let number else { return output.append("null") }
        output.append(decimal: number)
    }

    /// Writes a number with at most three decimals; what JSON has no number for is `null`.
    mutating func value(_ name: StaticString? = nil, _ number: Double?) {
        begin(name)
        guard let number, abs(number) < 1e15 else { return output.append("null") }
        let thousandths = Int(abs(number) * 1000 + 0.5)
        if number < 0, thousandths > 0 { output.append("-") }
        output.append(decimal: thousandths / 1000)
        guard thousandths % 1000 > 0 else { return }
        output.append(".")
        output.append(UInt8(48 + thousandths / 100 % 10))
        output.append(UInt8(48 + thousandths / 10 % 10))
        output.append(UInt8(48 + thousandths % 10))
    }

    mutating func value(_ name: StaticString? = nil, _ flag: Bool) {
        begin(name)
        output.append(flag ? "true" : "false")
    }

    /// Writes a member whose name is not known beforehand.
    mutating func value(named name: String, _ number: UInt64) {
        begin(nil)
        output.append("\"")
        output.append(plainJSON: name)
        output.append("\":")
        output.append(decimal: Int(clamping: number))
    }
}
