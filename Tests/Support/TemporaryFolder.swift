import Glibc

/// A folder of a test's own, removed with everything in it when the value dies.
public final class TemporaryFolder: Sendable {
    /// The path, without a slash at its end.
    public let path: String

    /// Makes an empty folder.
    ///
    /// - Throws: ``SocketError`` with the system's words.
    public init() throws {
        var template = Array("/tmp/swerve-test.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SocketError(operation: "mkdtemp", code: errno) }
        path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }

    deinit {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { unlink("\(path)/\(name)") }
            }
            closedir(folder)
        }
        rmdir(path)
    }

    /// Writes a file, in place of one that is there, and returns its path.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        let file = "\(path)/\(name)"
        guard let stream = fopen(file, "w") else { throw SocketError(operation: "open \(file)", code: errno) }
        defer { fclose(stream) }
        guard fwrite(text, 1, text.utf8.count, stream) == text.utf8.count else {
            throw SocketError(operation: "write \(file)", code: errno)
        }
        return file
    }
}
