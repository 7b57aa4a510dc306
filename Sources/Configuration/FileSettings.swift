/// What a configuration file says about each setting, with everything that is wrong with it as a file.
///
/// Whether a text is a value of its setting is not judged here.
struct FileSettings {
    /// A value as text with its place.
    struct Text {
        let text: String
        let position: FilePosition
    }

    /// The texts of the settings that stand in the file.
    private(set) var texts: [Setting: [Text]] = [:]
    /// Where each of them begins.
    private(set) var positions: [Setting: FilePosition] = [:]
    /// Names that are not known, values of the wrong type, or what kept the file from being read.
    private(set) var errors: [ConfigurationError] = []
    /// Whether the file could be read at all, so that what is missing in it is really missing.
    private(set) var isRead = true

    private let path: String

    /// A file without content, for this reason.
    init(unreadable reason: String, path: String) {
        self.path = path
        isRead = false
        errors = [ConfigurationError(at: FilePosition(path: path, line: nil, column: nil), reason)]
    }

    /// The settings in `bytes`.
    init(_ bytes: [UInt8], path: String) {
        self.path = path
        let lines = LineIndex(bytes)
        guard let invalid = bytes.firstInvalidUTF8 else {
            read(bytes, lines)
            return
        }
        isRead = false
        errors = [ConfigurationError(at: lines.position(of: invalid, in: path), "this is not UTF-8")]
    }

    private mutating func read(_ bytes: [UInt8], _ lines: LineIndex) {
        do throws(TOMLDocument.SyntaxError) {
            let document = try TOMLDocument(bytes)
            // What stands in a table is reported with the name it should have.
            for header in document.headers where header.isEmpty {
                let name = quoted(header.path.joined(separator: "."))
                errors.append(
                    ConfigurationError(
                        at: lines.position(of: header.offset, in: path),
                        "\(name) is a table; settings stand outside of tables, under the names of their flags"
                    )
                )
            }
            for entry in document.entries { take(entry, lines) }
        } catch {
            isRead = false
            errors = [ConfigurationError(at: lines.position(of: error.offset, in: path), error.sentence)]
        }
    }

    private mutating func take(_ entry: TOMLDocument.Entry, _ lines: LineIndex) {
        let position = lines.position(of: entry.offset, in: path)
        guard let setting = Setting(rawValue: entry.path.joined(separator: ".")) else {
            errors.append(ConfigurationError(at: position, unknown(entry.path)))
            return
        }
        if let first = positions[setting] {
            errors.append(
                ConfigurationError(
                    setting,
                    at: position,
                    "\(setting.name) is given twice, first in line \(first.line ?? 1); give it once"
                )
            )
            return
        }
        positions[setting] = position
        texts[setting] = []
        if setting.isRepeatable, case .array(let items) = entry.item.value {
            guard !items.isEmpty else {
                errors.append(
                    ConfigurationError(
                        setting,
                        at: position,
                        "\(setting.name) is an empty list; name at least one, for example \(setting.tomlExample)"
                    )
                )
                return
            }
            for item in items { take(item, of: setting, lines) }
        } else {
            take(entry.item, of: setting, lines)
        }
    }

    private mutating func take(_ item: TOMLDocument.Item, of setting: Setting, _ lines: LineIndex) {
        let position = lines.position(of: item.offset, in: path)
        let text: String? =
            switch item.value {
            case .string(let text): text
            // Most settings refuse a bare number with a better sentence than one about types.
            case .integer(let number) where !setting.isRepeatable: String(number)
            case .boolean(let isOn) where setting.isSwitch: isOn ? "on" : "off"
            default: nil
            }
        if let text {
            texts[setting]?.append(Text(text: text, position: position))
        } else {
            errors.append(
                ConfigurationError(
                    setting,
                    at: position,
                    "\(setting.name) is \(item.value.kind); write a value such as \(setting.tomlExample)"
                )
            )
        }
    }

    /// Says which setting was probably meant.
    private func unknown(_ path: [String]) -> String {
        let name = path.joined(separator: ".")
        // A guess takes its time, and the thousandth is not read.
        guard errors.count < ConfigurationErrors.maxShown else { return "\(quoted(name)) is not a setting" }
        let flat = path.joined(separator: "-").lowercased().split(separator: "_").joined(separator: "-")
        let advice =
            if Setting(rawValue: flat) != nil {
                path.count > 1 ? "; write \(flat), outside of tables" : "; did you mean \(flat)?"
            } else if let nearest = Spelling.nearest(to: flat, among: Setting.allCases.map(\.name)) {
                "; did you mean \(nearest)?"
            } else {
                ""
            }
        return "\(quoted(name)) is not a setting\(advice)"
    }
}

/// Where the lines of a file begin, to say where a byte stands.
struct LineIndex {
    private let starts: [Int]

    init(_ bytes: [UInt8]) {
        starts = [0] + bytes.indices.filter { bytes[$0] == 0x0A }.map { $0 + 1 }
    }

    /// The place of the byte at `offset`.
    func position(of offset: Int, in path: String) -> FilePosition {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return FilePosition(path: path, line: low + 1, column: offset - starts[low] + 1)
    }
}

extension [UInt8] {
    /// Where the first byte stands that is not UTF-8; `nil` where all are.
    fileprivate var firstInvalidUTF8: Int? {
        guard String(validating: self, as: UTF8.self) == nil else { return nil }
        var decoder = UTF8()
        var iterator = makeIterator()
        var offset = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            offset += UTF8.width(scalar)
        }
        return offset
    }
}
