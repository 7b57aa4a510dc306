/// What a TOML document says (TOML 1.0.0), in the order written, each thing with its place.
struct TOMLDocument {
    /// A key with its value.
    struct Entry {
        /// The names of the tables around the key and the key, from the outside.
        let path: [String]
        /// Where the key begins, as an offset in bytes.
        let offset: Int
        let item: Item
    }

    /// A value with its place.
    struct Item {
        let value: Value
        /// Where the value begins, as an offset in bytes.
        let offset: Int
    }

    /// A value of a type that a setting can have, or the name of a type that none has.
    enum Value {
        case string(String)
        case integer(Int)
        case boolean(Bool)
        case array([Item])
        /// The name stands after "is": `a date or a time`.
        case other(String)

        /// The type as it stands after "is".
        var kind: String {
            switch self {
            case .string: "a text"
            case .integer: "a number"
            case .boolean: "a boolean"
            case .array: "a list"
            case .other(let kind): kind
            }
        }
    }

    /// Why a text is no TOML document, and where.
    struct SyntaxError: Error, Equatable {
        let offset: Int
        let sentence: String
    }

    /// A table's header; none of the settings stands in a table.
    struct Header {
        let path: [String]
        let offset: Int
        /// Whether no key stands between this header and the next.
        var isEmpty = true
    }

    var entries: [Entry] = []
    var headers: [Header] = []

    /// Reads a document.
    ///
    /// Values of types that no setting has are read past, not judged in full: `2026-13-01` is still a date.
    /// - Throws: the first error, since what follows one is a guess.
    init(_ bytes: [UInt8]) throws(SyntaxError) {
        var reader = TOMLReader(bytes)
        var table: [String] = []
        while try reader.skipToStatement() {
            if let header = try reader.header() {
                table = header.path
                headers.append(header)
            } else {
                entries.append(try reader.entry(in: table))
                if !headers.isEmpty { headers[headers.count - 1].isEmpty = false }
            }
            try reader.endOfStatement()
        }
    }
}
