internal import CEventShims
internal import CLibevent
internal import Glibc

/// A file or pipe that is written to without ever waiting for its reader.
public final class OutputSink: Sendable {
    private let descriptor: Int32
    private let isOwned: Bool
    private let isSocket: Bool
    /// The descriptor is a pipe or terminal that could not be opened anew, so a write could wait for its reader.
    private let mayWait: Bool

    /// What a pipe that has room at all takes without waiting (`PIPE_BUF`).
    private static let pieceThatFits = 4096

    /// How a write ended.
    public enum Outcome: Equatable, Sendable {
        /// So many bytes were written, possibly none because the reader is slow.
        case written(Int)
        /// The sink is broken; the system's error number says why.
        case failed(Int32)
    }

    /// Standard output.
    ///
    /// A pipe or terminal is opened anew where the system allows that, because making the shared one non-blocking would
    /// change it for every other process that holds it. A file is not: its position is shared with those processes.
    public static func standardOutput() -> OutputSink { standard(1) }

    /// Standard error, opened like standard output.
    public static func standardError() -> OutputSink { standard(2) }

    private static func standard(_ descriptor: Int32) -> OutputSink {
        guard waitsForReader(descriptor) else { return OutputSink(descriptor, isOwned: false) }
        let own = open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_APPEND | O_CLOEXEC)
        return own >= 0
            ? OutputSink(own, isOwned: true) : OutputSink(descriptor, isOwned: false, mayWait: true)
    }

    private static func waitsForReader(_ descriptor: Int32) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFIFO || status.st_mode & S_IFMT == S_IFCHR
    }

    /// A file that is appended to, made if it does not exist.
    ///
    /// - Throws: when it cannot be opened.
    public static func file(_ path: String) throws(EventError) -> OutputSink {
        let descriptor = open(path, O_WRONLY | O_NONBLOCK | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw EventError("open \(path)", code: errno) }
        return OutputSink(descriptor, isOwned: true)
    }

    private init(_ descriptor: Int32, isOwned: Bool, mayWait: Bool = false) {
        self.descriptor = descriptor
        self.isOwned = isOwned
        self.mayWait = mayWait
        var status = stat()
        isSocket = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    /// Whether the last byte of a file that is appended to ends no line, as after a crash or on a disk that was full.
    public var endsInsideLine: Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else {
            return false
        }
        // The descriptor itself may only write.
        let reading = open("/proc/self/fd/\(descriptor)", O_RDONLY | O_CLOEXEC)
        guard reading >= 0 else { return false }
        defer { close(reading) }
        var last: UInt8 = 0
        return pread(reading, &last, 1, status.st_size - 1) == 1 && last != UInt8(ascii: "\n")
    }

    /// Whether what is written to both goes to the same place. (`st_dev`, `st_ino`)
    public func isSameFile(as other: OutputSink) -> Bool {
        var mine = stat()
        var others = stat()
        guard fstat(descriptor, &mine) == 0, fstat(other.descriptor, &others) == 0 else { return false }
        return mine.st_dev == others.st_dev && mine.st_ino == others.st_ino
    }

    private var hasRoom: Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return Glibc.poll(&poll, 1, 0) == 1
    }

    /// Writes as much of `bytes` as is taken at once.
    public func write(_ bytes: Span<UInt8>) -> Outcome {
        if mayWait, !hasRoom { return .written(0) }
        let count = bytes.withUnsafeBytes { whole in
            let buffer = mayWait ? UnsafeRawBufferPointer(rebasing: whole.prefix(Self.pieceThatFits)) : whole
            return isSocket
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
