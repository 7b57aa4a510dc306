/// Reads the parts of a TOML document one after the other.
///
/// The reader is Swerve's own, since every message has to say where a value stands and a process that reads its file
/// again on request must not keep anything of it: TOMLKit gives values without their places and never frees them.
struct TOMLReader {
    typealias SyntaxError = TOMLDocument.SyntaxError

    let bytes: [UInt8]
    var offset = 0
    /// Arrays and inline tables around the present value.
    private var depth = 0

    /// Deeper documents are refused, since each level takes a piece of the stack.
    private static let maxDepth = 16

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        // A byte order mark says nothing about UTF-8 (RFC 3629 section 6).
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    }

    /// The present byte; `nil` at the end of the document.
    var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    /// Whether `text` stands here.
    func sees(_ text: StaticString) -> Bool {
        bytes[offset...].starts(with: text.description.utf8)
    }

    /// Goes past `text` if it stands here.
    mutating func take(_ text: StaticString) -> Bool {
        guard sees(text) else { return false }
        offset += text.utf8CodeUnitCount
        return true
    }

    func failure(_ sentence: String, at offset: Int? = nil) -> SyntaxError {
        SyntaxError(offset: offset ?? self.offset, sentence: sentence)
    }

    // MARK: Between values

    /// Goes to the next header or key; `false` at the end of the document.
    mutating func skipToStatement() throws(SyntaxError) -> Bool {
        try skipLines()
        return next != nil
    }

    /// Goes past what may stand behind a value, to the end of its line.
    mutating func endOfStatement() throws(SyntaxError) {
        skipSpaces()
        try skipComment()
        guard next != nil, try !skipLineBreak() else { return }
        throw failure("\(quoted(word)) stands behind the value; each setting has a line of its own")
    }

    mutating func skipSpaces() {
        while let byte = next, byte == 0x20 || byte == 0x09 { offset += 1 }
    }

    /// Goes past spaces, comments and line breaks.
    mutating func skipLines() throws(SyntaxError) {
        repeat {
            skipSpaces()
            try skipComment()
        } while try skipLineBreak()
    }

    private mutating func skipComment() throws(SyntaxError) {
        guard next == UInt8(ascii: "#") else { return }
        while let byte = next, byte != 0x0A, !(byte == 0x0D && sees("\r\n")) {
            guard !byte.isControl else { throw failure("a comment holds no control characters") }
            offset += 1
        }
    }

    private mutating func skipLineBreak() throws(SyntaxError) -> Bool {
        if take("\n") || take("\r\n") { return true }
        guard next != 0x0D else { throw failure("a carriage return stands here without a line feed") }
        return false
    }

    // MARK: Keys

    /// The table header that stands here, if one does.
    mutating func header() throws(SyntaxError) -> TOMLDocument.Header? {
        let start = offset
        guard take("[") else { return nil }
        let isArray = take("[")
        skipSpaces()
        let path = try keyPath()
        guard isArray ? take("]]") : take("]") else {
            throw failure("the header of the table is not closed", at: start)
        }
        return TOMLDocument.Header(path: path, offset: start)
    }

    /// The key that stands here and its value.
    mutating func entry(in table: [String]) throws(SyntaxError) -> TOMLDocument.Entry {
        let start = offset
        let path = try keyPath()
        guard take("=") else {
            throw failure("an equals sign is missing after \(quoted(path.joined(separator: ".")))")
        }
        skipSpaces()
        return TOMLDocument.Entry(path: table + path, offset: start, item: try item())
    }

    /// Names with dots between them, and the spaces behind.
    private mutating func keyPath() throws(SyntaxError) -> [String] {
        var path: [String] = []
        repeat {
            skipSpaces()
            path.append(try key())
            skipSpaces()
        } while take(".")
        return path
    }

    private mutating func key() throws(SyntaxError) -> String {
        if next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") {
            guard !sees("\"\"\""), !sees("'''") else { throw failure("a key stands on one line") }
            return try string()
        }
        let start = offset
        while let byte = next, byte.isTOMLKeyByte { offset += 1 }
        guard offset > start else {
            throw failure(
                "\(quoted(word)) cannot begin a key; write name = value, for example workers = 4"
            )
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    // MARK: Values

    /// The value that stands here.
    mutating func item() throws(SyntaxError) -> TOMLDocument.Item {
        let start = offset
        let value: TOMLDocument.Value =
            switch next {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): .string(try string())
            case UInt8(ascii: "["): .array(try nested { reader throws(SyntaxError) in try reader.array() })
            case UInt8(ascii: "{"): try nested { reader throws(SyntaxError) in try reader.inlineTable() }
            default: try scalar()
            }
        return TOMLDocument.Item(value: value, offset: start)
    }

    private mutating func nested<Value>(
        _ read: (inout TOMLReader) throws(SyntaxError) -> Value
    ) throws(SyntaxError) -> Value {
        guard depth < Self.maxDepth else { throw failure("lists are nested too deeply") }
        depth += 1
        let value = try read(&self)
        depth -= 1
        return value
    }

    private mutating func array() throws(SyntaxError) -> [TOMLDocument.Item] {
        let start = offset
        offset += 1
        var items: [TOMLDocument.Item] = []
        while true {
            try skipLines()
            if take("]") { return items }
            guard next != nil else { throw failure("the list is not closed", at: start) }
            items.append(try item())
            try skipLines()
            guard !take(",") else { continue }
            guard take("]") else {
                guard next != nil else { throw failure("the list is not closed", at: start) }
                throw failure("a comma or a closing bracket is missing in the list")
            }
            return items
        }
    }

    private mutating func inlineTable() throws(SyntaxError) -> TOMLDocument.Value {
        let start = offset
        offset += 1
        skipSpaces()
        guard !take("}") else { return .other("a table") }
        repeat {
            _ = try entry(in: [])
            skipSpaces()
        } while take(",")
        guard take("}") else { throw failure("the table is not closed", at: start) }
        return .other("a table")
    }

    /// What stands here up to the next space or separator, for a value without quotes or a message.
    var word: Substring {
        let end = bytes[offset...].firstIndex { $0 <= 0x20 || ",]}#=".utf8.contains($0) } ?? bytes.count
        // A message shows at least the character in the way.
        let shown = end > offset ? end : min(offset + 1, bytes.count)
        return String(decoding: bytes[offset..<shown], as: UTF8.self)[...]
    }
}

extension UInt8 {
    /// Refused in a text and in a comment: everything below a space but the tab, and DEL.
    var isControl: Bool { (self < 0x20 && self != 0x09) || self == 0x7F }

    /// May stand in a key without quotes.
    fileprivate var isTOMLKeyByte: Bool { isASCIILetter || isASCIIDigit || self == 0x2D || self == 0x5F }
}
