internal import CEventShims
internal import CLibevent
internal import Glibc

/// Reads files that fit into memory many times over.
public enum SmallFile {
    /// Why a file could not be read.
    public enum Problem: Error, Equatable, CustomStringConvertible {
        /// The system refused, with this error number.
        case system(Int32)
        /// The path leads to a directory.
        case directory
        /// The path leads to a pipe, a device or a socket, which could keep the reader waiting.
        case special

        /// The reason in words.
        public var description: String {
            switch self {
            case .system(let code): SystemError.text(code)
            case .directory: "this is a directory; name a file"
            case .special: "this is not a regular file"
            }
        }
    }

    /// The first `limit` bytes of the file at `path`. (`open`, `fstat`, `read`)
    ///
    /// - Throws: when it is no regular file, or cannot be read.
    public static func read(_ path: String, upTo limit: Int) throws(Problem) -> [UInt8] {
        // Without O_NONBLOCK a pipe would be waited for in `open` already.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw .system(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(errno) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw .directory
        default: throw .special
        }
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while content.count < limit {
            let count = Glibc.read(descriptor, &piece, min(piece.count, limit - content.count))
            if count > 0 {
                content += piece[..<count]
            } else if count == 0 {
                break
            } else if errno != EINTR {
                throw .system(errno)
            }
        }
        return content
    }
}
