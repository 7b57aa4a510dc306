/// What the table says about one setting.
struct SettingRow {
    typealias Apply = (String, inout ServerConfiguration) throws(ValueProblem) -> Void

    let placeholder: String
    let example: String
    let help: String
    var bounds: String?
    var isRepeatable = false
    /// Empties a list in front of the first text; nothing for a single value.
    var clear: (inout ServerConfiguration) -> Void = { _ in }
    let apply: Apply
    let describe: (ServerConfiguration) -> String
}

extension SettingRow {
    /// A setting with one value, read by `parse`.
    static func value<Value>(
        _ placeholder: String,
        _ path: WritableKeyPath<ServerConfiguration, Value>,
        example: String,
        help: String,
        bounds: String? = nil,
        print: @escaping (Value) -> String,
        parse: @escaping (String) throws(ValueProblem) -> Value
    ) -> SettingRow {
        SettingRow(
            placeholder: placeholder,
            example: example,
            help: help,
            bounds: bounds,
            apply: { (text, configuration) throws(ValueProblem) in
                configuration[keyPath: path] = try parse(text)
            },
            describe: { print($0[keyPath: path]) }
        )
    }

    /// A setting with any number of different values.
    static func list<Value: Hashable & CustomStringConvertible>(
        _ placeholder: String,
        _ path: WritableKeyPath<ServerConfiguration, [Value]>,
        example: String,
        help: String,
        mayRepeat: @escaping (Value) -> Bool = { _ in false },
        parse: @escaping (String) throws(ValueProblem) -> Value
    ) -> SettingRow {
        SettingRow(
            placeholder: placeholder,
            example: example,
            help: help,
            isRepeatable: true,
            clear: { $0[keyPath: path] = [] },
            apply: { (text, configuration) throws(ValueProblem) in
                let value = try parse(text)
                guard mayRepeat(value) || !configuration[keyPath: path].contains(value) else {
                    throw .repeated(value.description)
                }
                configuration[keyPath: path].append(value)
            },
            describe: { $0[keyPath: path].map(\.description).joined(separator: ",") }
        )
    }

    /// A setting which is a length of time; `zero` says what 0 does where it is allowed outside of `limits`.
    static func duration(
        _ path: WritableKeyPath<ServerConfiguration, Duration>,
        _ limits: ClosedRange<Duration>,
        zero: String? = nil,
        example: String,
        help: String
    ) -> SettingRow {
        let bounds = Bounds(limits: limits, zero: zero.map { (.zero, $0) }, print: \.configurationText)
        return value(
            "DURATION",
            path,
            example: example,
            help: help,
            bounds: bounds.description,
            print: \.configurationText
        ) { (text) throws(ValueProblem) in
            try bounds.check(Duration(configurationText: text))
        }
    }

    /// A setting which is a number of bytes; `zero` as for durations.
    static func bytes(
        _ path: WritableKeyPath<ServerConfiguration, Int>,
        _ limits: ClosedRange<Int>,
        zero: String? = nil,
        example: String,
        help: String
    ) -> SettingRow {
        let print = { ByteCount($0).description }
        let bounds = Bounds(limits: limits, zero: zero.map { (0, $0) }, print: print)
        return value("SIZE", path, example: example, help: help, bounds: bounds.description, print: print) {
            (text) throws(ValueProblem) in
            try bounds.check(ByteCount(configurationText: text).bytes)
        }
    }

    /// A setting which is a plain number.
    static func count(
        _ path: WritableKeyPath<ServerConfiguration, Int>,
        _ limits: ClosedRange<Int>,
        example: String,
        help: String
    ) -> SettingRow {
        let bounds = Bounds(limits: limits, print: { String($0) })
        return value(
            "NUMBER",
            path,
            example: example,
            help: help,
            bounds: bounds.description,
            print: { String($0) },
            parse: bounds.count
        )
    }
}
