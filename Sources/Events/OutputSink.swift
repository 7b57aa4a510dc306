internal import CEventShims
internal import CLibevent
internal import Glibc

/// A file or pipe that is written to without ever waiting for its reader.
public final class OutputSink: Sendable {
    private let descriptor: Int32
    private let isOwned: Bool
    private let isSocket: Bool

    /// How a write ended.
    public enum Outcome: Equatable, Sendable {
        /// So many bytes were written, possibly none because the reader is slow.
        case written(Int)
        /// The sink is broken; the system's error number says why.
        case failed(Int32)
    }

    /// Standard output.
    ///
    /// It is opened anew where the system allows that, because making the shared one non-blocking would change it for
    /// every other process that holds it.
    public static func standardOutput() -> OutputSink { standard(1) }

    /// Standard error, opened like standard output.
    public static func standardError() -> OutputSink { standard(2) }

    private static func standard(_ descriptor: Int32) -> OutputSink {
        let own = open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_APPEND | O_CLOEXEC)
        return own >= 0 ? OutputSink(own, isOwned: true) : OutputSink(descriptor, isOwned: false)
    }

    /// A file that is appended to, made if it does not exist.
    ///
    /// - Throws: when it cannot be opened.
    public static func file(_ path: String) throws(EventError) -> OutputSink {
        let descriptor = open(path, O_WRONLY | O_NONBLOCK | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw EventError("open \(path)", code: errno) }
        return OutputSink(descriptor, isOwned: true)
    }

    private init(_ descriptor: Int32, isOwned: Bool) {
        self.descriptor = descriptor
        self.isOwned = isOwned
        var status = stat()
        isSocket = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    /// Writes as much of `bytes` as is taken at once.
    public func write(_ bytes: Span<UInt8>) -> Outcome {
        let count = bytes.withUnsafeBytes { buffer in
            isSocket
                ? send(
                    descriptor,
                    buffer.baseAddress,
                    buffer.count,
                    Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
                )
                : Glibc.write(descriptor, buffer.baseAddress, buffer.count)
        }
        if count >= 0 { return .written(count) }
        return errno == EAGAIN || errno == EINTR ? .written(0) : .failed(errno)
    }
}
