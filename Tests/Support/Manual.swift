import Glibc

/// The front page and the pages of the manual, for tests that hold them equal to the code.
public enum Manual {
    /// Reads a page.
    ///
    /// - Parameter path: its place in the repository.
    /// - Returns: its Markdown.
    /// - Throws: ``SocketError`` with the system's words.
    public static func page(_ path: String) throws -> String {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let file = "/\(root)/\(path)"
        guard let stream = fopen(file, "r") else { throw SocketError(operation: "open \(file)", code: errno) }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 {
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
