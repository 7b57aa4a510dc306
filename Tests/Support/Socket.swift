import Glibc
import Synchronization

/// A system call that failed, with the system's words.
public struct SocketError: Error, CustomStringConvertible {
    /// The call.
    public let operation: String
    /// Its `errno`.
    public let code: Int32

    /// `connect: Connection refused`.
    public var description: String { "\(operation): \(errorText(code))" }

    /// Whether the other side is gone (reset, or closed while we wrote).
    public var isPeerGone: Bool { code == ECONNRESET || code == EPIPE }
}

/// Held while a descriptor exists that a child would inherit, and while a child starts.
///
/// A stray copy of a connection or a pipe in another test's child keeps it open for ever.
let inheritance = Mutex(())

/// What a read brought.
enum Arrival: Equatable {
    case bytes(Int)
    case end
    case reset
}

/// One TCP socket of the suite: non-blocking, never inherited by a child, every wait bounded.
final class Socket: Sendable {
    private struct Use {
        var isOpen = true
        var callCount = 0
    }

    let descriptor: Int32
    private let use = Mutex(Use())

    init(adopting descriptor: Int32) {
        self.descriptor = descriptor
    }

    convenience init() throws {
        let kind = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(AF_INET, Int32(kind), 0)
        guard descriptor >= 0 else { throw SocketError(operation: "socket", code: errno) }
        self.init(adopting: descriptor)
    }

    deinit { close() }

    /// Closes; a thread that is inside a call finds the stream ended, and the descriptor goes with the last of them.
    ///
    /// The system gives its number to the next socket, and a thread that is late would read or write there.
    func close() {
        use.withLock { use in
            guard use.isOpen else { return }
            use.isOpen = false
            if use.callCount == 0 { Glibc.close(descriptor) } else { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private func whileOpen<Result>(_ operation: String, _ body: () throws -> Result) throws -> Result {
        try use.withLock { use in
            guard use.isOpen else { throw SocketError(operation: operation, code: EBADF) }
            use.callCount += 1
        }
        defer {
            use.withLock { use in
                use.callCount -= 1
                if !use.isOpen, use.callCount == 0 { Glibc.close(descriptor) }
            }
        }
        return try body()
    }

    /// Sends a reset now and wakes whoever waits on the socket; safe from any thread, the owner still closes.
    func abort() {
        use.withLock { use in
            guard use.isOpen else { return }
            var nowhere = sockaddr()
            nowhere.sa_family = sa_family_t(AF_UNSPEC)
            _ = Glibc.connect(descriptor, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
        }
    }

    func shutDownWriting() {
        use.withLock { use in
            if use.isOpen { shutdown(descriptor, Int32(SHUT_WR)) }
        }
    }

    func setOption(_ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    func bind(_ address: String, _ port: UInt16) throws {
        let code = try withSocketAddress(address, port) { Glibc.bind(descriptor, $0, $1) }
        guard code == 0 else { throw SocketError(operation: "bind \(address):\(port)", code: errno) }
    }

    var localPort: UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = getsockname(descriptor, $0, &length)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    func connect(_ address: String, _ port: UInt16, until deadline: Deadline) throws {
        let code = try withSocketAddress(address, port) { Glibc.connect(descriptor, $0, $1) }
        if code == 0 { return }
        guard errno == EINPROGRESS else { throw SocketError(operation: "connect", code: errno) }
        guard wait(for: POLLOUT, until: deadline) else {
            throw SocketError(operation: "connect", code: ETIMEDOUT)
        }
        var failure: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &length)
        guard failure == 0 else { throw SocketError(operation: "connect", code: failure) }
    }

    /// Waits for the socket; an error or a hang-up counts, because the next call tells which.
    func wait(for events: Int32, until deadline: Deadline) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            let ready = poll(&entry, 1, deadline.pollTimeout)
            if ready > 0 { return true }
            if ready == 0 || errno != EINTR { return false }
        }
    }

    /// Reads what is there, waiting for the first byte.
    func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Arrival {
        try whileOpen("receive") { try receiveOpen(into: buffer, until: deadline) }
    }

    private func receiveOpen(
        into buffer: UnsafeMutableRawBufferPointer,
        until deadline: Deadline
    ) throws -> Arrival {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                guard wait(for: POLLIN, until: deadline) else {
                    throw SocketError(operation: "receive", code: ETIMEDOUT)
                }
            case ECONNRESET, EPIPE: return .reset
            default: throw SocketError(operation: "receive", code: errno)
            }
        }
    }

    /// Writes everything.
    func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws {
        try whileOpen("send") { try sendOpen(bytes, until: deadline) }
    }

    private func sendOpen(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            if count >= 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            } else if errno == EAGAIN {
                guard wait(for: POLLOUT, until: deadline) else {
                    throw SocketError(operation: "send", code: ETIMEDOUT)
                }
            } else if errno != EINTR {
                throw SocketError(operation: "send", code: errno)
            }
        }
    }

    func send(_ bytes: [UInt8], until deadline: Deadline) throws {
        try bytes.withUnsafeBytes { try send($0, until: deadline) }
    }
}

/// Hands the address to a system call.
private func withSocketAddress<Result>(
    _ address: String,
    _ port: UInt16,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) throws -> Result {
    var value = sockaddr_in()
    value.sin_family = sa_family_t(AF_INET)
    value.sin_port = port.bigEndian
    guard inet_pton(AF_INET, address, &value.sin_addr) == 1 else {
        throw SocketError(operation: "not an IPv4 address: \(address)", code: EINVAL)
    }
    return withUnsafePointer(to: &value) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}

/// A listening socket that can stop and start again without ever giving its port away.
final class Listener: Sendable {
    let socket: Socket
    let port: UInt16

    /// Binds; nothing listens yet, so a connection is refused.
    init(address: String, port: UInt16) throws {
        // The kernel forgets a port it chose itself when the socket stops listening; a port that was asked
        // for is kept. So the first socket lets the kernel choose, and the second asks for the same one.
        let chooser = try Socket()
        chooser.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
        try chooser.bind(address, port)
        self.port = chooser.localPort
        socket = try Socket()
        socket.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
        try socket.bind(address, self.port)
        chooser.close()
    }

    func start(backlog: Int32 = 1024) throws {
        guard listen(socket.descriptor, backlog) == 0 else {
            throw SocketError(operation: "listen", code: errno)
        }
    }

    /// Refuses from now on; pending connections are reset, a thread that waits in `accept` wakes up.
    func stop() {
        shutdown(socket.descriptor, Int32(SHUT_RDWR))
    }

    /// The next connection; `nil` once stopped.
    func accept() -> Socket? {
        while true {
            let descriptor = inheritance.withLock { _ in
                let descriptor = Glibc.accept(socket.descriptor, nil, nil)
                if descriptor >= 0 {
                    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
                }
                return descriptor
            }
            if descriptor >= 0 {
                let connection = Socket(adopting: descriptor)
                connection.setOption(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
                return connection
            }
            switch errno {
            case EAGAIN: _ = socket.wait(for: POLLIN, until: .after(.seconds(3600)))
            case EINTR, ECONNABORTED: continue
            default: return nil
            }
        }
    }
}
