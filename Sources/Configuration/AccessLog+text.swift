extension AccessLogDestination: CustomStringConvertible {
    /// Reads `-` for standard output, `off`, or the path of a file to append to.
    public init(configurationText text: String) throws(ValueProblem) {
        switch text {
        case "": throw .malformed("the path is empty; write - for standard output, off, or a path")
        case "-": self = .standardOutput
        case "off": self = .off
        default:
            guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
                throw .malformed("a path without control characters is needed")
            }
            guard !text.hasSuffix("/") else {
                throw .malformed("this is a directory; write the path of a file")
            }
            self = .file(text)
        }
    }

    /// The text that reads back as this destination.
    public var description: String {
        switch self {
        case .standardOutput: "-"
        case .off: "off"
        case .file(let path): path
        }
    }
}

extension LogFormat: CustomStringConvertible {
    /// Reads the name of a format.
    public init(configurationText text: String) throws(ValueProblem) {
        guard let format = Self(rawValue: text) else {
            let names = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw .malformed("there is no such format; the formats are: \(names)")
        }
        self = format
    }

    /// The name of the format.
    public var description: String { rawValue }
}
