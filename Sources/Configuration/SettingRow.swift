/// What the table says about one setting.
struct SettingRow {
    /// Replaces the value by what the texts say, and tells which of them could not be read.
    typealias Apply = ([String], inout ServerConfiguration) -> [(index: Int, problem: ValueProblem)]

    let placeholder: String
    let example: String
    let help: String
    var bounds: String?
    var isRepeatable = false
    var isSwitch = false
    let apply: Apply
    /// The value in forms that `apply` reads back; as many as there are for a list, else one.
    let texts: (ServerConfiguration) -> [String]
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
            apply: { texts, configuration in
                var problems: [(index: Int, problem: ValueProblem)] = []
                for (index, text) in texts.enumerated() {
                    do throws(ValueProblem) {
                        configuration[keyPath: path] = try parse(text)
                    } catch {
                        problems.append((index, error))
                    }
                }
                return problems
            },
            texts: { [print($0[keyPath: path])] }
        )
    }

    /// A setting with any number of different values; `wordForEmpty` stands for none of them where that is allowed.
    static func list<Value: Hashable & CustomStringConvertible>(
        _ placeholder: String,
        _ path: WritableKeyPath<ServerConfiguration, [Value]>,
        example: String,
        help: String,
        wordForEmpty: String? = nil,
        mayRepeat: @escaping (Value) -> Bool = { _ in false },
        parse: @escaping (String) throws(ValueProblem) -> Value
    ) -> SettingRow {
        SettingRow(
            placeholder: placeholder,
            example: example,
            help: help,
            isRepeatable: true,
            apply: { texts, configuration in
                var problems: [(index: Int, problem: ValueProblem)] = []
                var values: [Value] = []
                var known: Set<Value> = []
                let texts = texts.count == 1 && texts.first == wordForEmpty ? [] : texts
                for (index, text) in texts.enumerated() {
                    do throws(ValueProblem) {
                        let value = try parse(text)
                        guard known.insert(value).inserted || mayRepeat(value) else {
                            throw .repeated(value.description)
                        }
                        values.append(value)
                    } catch {
                        problems.append((index, error))
                    }
                }
                configuration[keyPath: path] = values
                return problems
            },
            texts: { configuration in
                let texts = configuration[keyPath: path].map(\.description)
                return texts.isEmpty ? wordForEmpty.map { [$0] } ?? [] : texts
            }
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
