internal import CEventShims
internal import CLibevent
internal import Glibc
internal import Synchronization

/// A socket that is bound to an address and does not listen yet, on its way to the loop that will.
///
/// Binding for every worker beforehand makes a new listener all or nothing.
public final class BoundSocket: Sendable {
    /// Where it is bound, with the port the kernel chose if none was asked for.
    public let address: SocketAddress

    /// Whether other sockets of this user may have the same port.
    public let sharesPort: Bool
    /// The number the system knows the socket by, which `/proc/net/tcp` lists.
    public let inode: UInt64

    private let descriptor: Atomic<Int32>

    /// Binds. (`bind`)
    ///
    /// - Parameters:
    ///   - address: where; port 0 lets the kernel choose.
    ///   - isDualStack: whether an IPv6 wildcard address takes IPv4 clients too.
    ///   - sharesPort: whether other sockets of this user may have the same port; the system spreads clients over
    ///     them (`SO_REUSEPORT`).
    /// - Throws: when the address cannot be bound.
    public init(_ address: SocketAddress, isDualStack: Bool, sharesPort: Bool) throws(EventError) {
        // Accepted sockets inherit TCP_NODELAY and SO_KEEPALIVE, which saves two calls for each of them.
        let descriptor = swerve_tcp_socket(address.family)
        guard descriptor >= 0 else { throw EventError("socket", code: errno) }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4)
        setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, 4)
        if sharesPort { setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, 4) }
        if address.family == AF_INET6 { _ = swerve_set_v6_only(descriptor, isDualStack ? 0 : 1) }
        guard address.withSockaddr({ bind(descriptor, $0, $1) }) == 0 else {
            let code = errno
            close(descriptor)
            throw EventError("bind", code: code)
        }
        self.descriptor = Atomic(descriptor)
        self.sharesPort = sharesPort
        var status = stat()
        inode = fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : 0
        self.address = SocketAddress.local(of: descriptor) ?? address
    }

    deinit {
        let descriptor = take()
        if descriptor >= 0 { close(descriptor) }
    }

    /// Gives the descriptor to the one who asks first; everybody else gets -1.
    func take() -> Int32 {
        descriptor.exchange(-1, ordering: .acquiringAndReleasing)
    }

    /// Makes sure that no other process listens on `address`, which a socket that shares its port would not notice.
    ///
    /// - Throws: when somebody does.
    public static func expectFree(_ address: SocketAddress, isDualStack: Bool) throws(EventError) {
        _ = try BoundSocket(address, isDualStack: isDualStack, sharesPort: false)
    }
}
