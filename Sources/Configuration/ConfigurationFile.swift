/// A file with settings, which can be read again and again.
///
/// This target does no I/O: whoever makes the value says how the bytes are read.
public struct ConfigurationFile: Sendable {
    /// Why a file could not be read, in words that follow its path: `is a directory`.
    public struct Unreadable: Error, Sendable, Equatable {
        /// The words.
        public let reason: String

        /// A reason in words that follow the path and a colon.
        public init(_ reason: String) {
            self.reason = reason
        }
    }

    /// The name of the flag that takes the path.
    public static let flag = "--config"
    /// The variable that takes the path when the flag is missing.
    public static let environmentName = "SWERVE_CONFIG"
    /// What stands for the path in the help.
    public static let placeholder = "PATH"
    /// What the flag does, in one sentence.
    public static let help =
        "Read settings from this TOML file, under the names of the flags; a flag or a variable wins over it."
    /// Bytes of the largest file that is read.
    public static let maxSize = 1 << 20

    /// The path as the operator wrote it.
    public let path: String
    private let read: @Sendable () -> Result<[UInt8], Unreadable>

    /// A file at `path`, whose present bytes `read` fetches.
    public init(path: String, read: @escaping @Sendable () -> Result<[UInt8], Unreadable>) {
        self.path = path
        self.read = read
    }

    /// The settings in the file as it is now.
    func settings() -> FileSettings {
        switch read() {
        case .failure(let unreadable):
            return FileSettings(unreadable: unreadable.reason, path: path)
        case .success(let bytes) where bytes.count > Self.maxSize:
            return FileSettings(
                unreadable: "the file is larger than \(ByteCount(Self.maxSize)), the most that is read",
                path: path
            )
        case .success(let bytes):
            return FileSettings(bytes, path: path)
        }
    }
}

/// A place in a configuration file.
public struct FilePosition: Sendable, Hashable, CustomStringConvertible {
    /// The path as the operator wrote it.
    public let path: String
    /// Counted from 1; `nil` where the file as a whole is meant.
    public let line: Int?
    /// The byte of the line, counted from 1.
    public let column: Int?

    /// `swerve.toml:12:3`, as compilers write it.
    public var description: String {
        // A path is printed bare unless it could upset a terminal.
        let printable = path.isEmpty ? quoted(path) : String(quoted(path).dropFirst().dropLast())
        return ([printable] + [line, column].compactMap { $0.map { String($0) } }).joined(separator: ":")
    }
}
