import Glibc

/// Fails system calls of a process that is started with its environment.
public final class FaultInjector: Sendable {
    /// A call that can be failed.
    public enum Call: Int, Sendable {
        /// `accept4`
        case accept
        /// `socket` of a family of the internet
        case socket
        /// `connect` of such a socket
        case connect
        /// `send` and `sendmsg`
        case send
        /// `writev`
        case writev
        /// `epoll_ctl` with `EPOLL_CTL_ADD`
        case epollAdd
        /// `epoll_wait`
        case epollWait
        /// `getaddrinfo`, whose numbers are its own
        case lookUp
        /// `getaddrinfo` of a name that begins with `held-`: it hangs until it is healed, and then finds 127.0.0.1.
        case heldLookUp
        /// `accept4`, which is held instead of failed
        case heldAccept
        /// `write` to a regular file, which is held instead of failed
        case heldWrite
        /// `open` of a file that would be made if it did not exist, which is held instead of failed
        case heldOpen
    }

    private let path: String
    private let descriptor: Int32
    /// What the process must find in its environment.
    public let environment: [String: String]

    /// An injector that fails nothing yet.
    ///
    /// - Throws: ``SocketError`` when its file cannot be made, or the library that fails was not built.
    public init() throws {
        let name = "libFaultInjector.so"
        guard let library = BuildProducts.path(of: name) else {
            throw SocketError(operation: "find \(name)", code: ENOENT)
        }
        var template = Array("/tmp/swerve-faults-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw SocketError(operation: "mkstemp", code: errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        environment = ["LD_PRELOAD": library, "FAULT_INJECTOR": path]
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// Has the next calls fail with an error number.
    public func fail(_ call: Call, with code: Int32, times: Int64 = .max) {
        put(Int64(code), at: call.rawValue * 3)
        put(times, at: call.rawValue * 3 + 1)
    }

    /// Keeps the next calls from returning until ``release(_:)``; only ``Call/heldAccept``, ``Call/heldWrite`` and
    /// ``Call/heldOpen``.
    public func hold(_ call: Call, times: Int64 = .max) { fail(call, with: 1, times: times) }

    /// Lets the calls that are held return, and holds no more.
    public func release(_ call: Call) {
        heal(call)
        put(0, at: call.rawValue * 3)
    }

    /// Has calls succeed again.
    public func heal(_ call: Call) { put(0, at: call.rawValue * 3 + 1) }

    /// How many calls have failed.
    public func failures(of call: Call) -> Int {
        var value: Int64 = 0
        pread(descriptor, &value, 8, off_t(call.rawValue * 3 + 2) * 8)
        return Int(value)
    }

    /// Waits until so many calls have failed.
    public func waitForFailures(_ count: Int, of call: Call, within limit: Duration = Deadline.patience)
        -> Bool
    {
        eventually(within: limit) { failures(of: call) >= count }
    }

    private func put(_ value: Int64, at position: Int) {
        var value = value
        pwrite(descriptor, &value, 8, off_t(position) * 8)
    }
}
