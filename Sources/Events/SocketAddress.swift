internal import CEventShims
internal import CLibevent
internal import Glibc

/// An IPv4 or IPv6 address with a port.
public struct SocketAddress: Sendable, Hashable {
    /// The address without the port.
    public enum IP: Sendable, Hashable {
        /// Four bytes, most significant first.
        case v4([UInt8])
        /// Sixteen bytes, most significant first, and the scope of a link-local address or 0.
        case v6([UInt8], scope: UInt32)
    }

    /// The address.
    public let ip: IP
    /// The port in the host's byte order.
    public let port: UInt16

    /// An address from its parts.
    public init(ip: IP, port: UInt16) {
        self.ip = ip
        self.port = port
    }

    /// An address from a literal without brackets, or `nil` when `literal` is something else. (`inet_pton`)
    public init?(literal: String, port: UInt16) {
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, literal, &v4) == 1 {
            ip = .v4(withUnsafeBytes(of: v4) { Array($0) })
        } else if inet_pton(AF_INET6, literal, &v6) == 1 {
            ip = .v6(withUnsafeBytes(of: v6) { Array($0) }, scope: 0)
        } else {
            return nil
        }
        self.port = port
    }

    /// Every local address of both families.
    public static func any(port: UInt16) -> SocketAddress {
        SocketAddress(ip: .v6(Array(repeating: 0, count: 16), scope: 0), port: port)
    }

    init?(_ address: UnsafePointer<sockaddr>) {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            self = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                SocketAddress(
                    ip: .v4(withUnsafeBytes(of: $0.pointee.sin_addr) { Array($0) }),
                    port: UInt16(bigEndian: $0.pointee.sin_port)
                )
            }
        case AF_INET6:
            self = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                SocketAddress(
                    ip: .v6(
                        withUnsafeBytes(of: $0.pointee.sin6_addr) { Array($0) },
                        scope: $0.pointee.sin6_scope_id
                    ),
                    port: UInt16(bigEndian: $0.pointee.sin6_port)
                )
            }
        default: return nil
        }
    }

    /// The local address of a socket. (`getsockname`)
    static func local(of descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length) == 0 ? SocketAddress($0) : nil
            }
        }
    }

    /// The address and the port as text: `192.0.2.7:80`, `[2001:db8::1]:80`. (`inet_ntop`)
    public var text: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            let bytes =
                switch ip {
                case .v4(let bytes): bytes
                case .v6(let bytes, _): bytes
                }
            guard let start = buffer.baseAddress,
                inet_ntop(family, bytes, start, socklen_t(buffer.count)) != nil
            else { return "?" }
            let host = String(cString: start)
            return isIPv4 ? "\(host):\(port)" : "[\(host)]:\(port)"
        }
    }

    /// Whether it is an address of this machine alone: 127.0.0.0/8, `::1`, or the former inside IPv6.
    public var isLoopback: Bool {
        switch ip {
        case .v4(let bytes): bytes[0] == 127
        case .v6(let bytes, _):
            bytes[..<15].allSatisfy { $0 == 0 } && bytes[15] == 1
                || bytes[..<10].allSatisfy { $0 == 0 } && bytes[10...12] == [0xFF, 0xFF, 127]
        }
    }

    /// Tells whether a listener on this address takes the clients of `other`, with the same port.
    ///
    /// - Parameters:
    ///   - other: an address that clients connect to.
    ///   - isDualStack: whether an IPv6 wildcard address takes IPv4 clients too.
    /// - Returns: whether it does, unless another listener is there for `other` alone.
    public func covers(_ other: SocketAddress, isDualStack: Bool) -> Bool {
        guard port == other.port else { return false }
        if ip == other.ip { return true }
        return isWildcard && (isIPv4 == other.isIPv4 || isDualStack)
    }

    /// Whether it stands for every address of its family.
    var isWildcard: Bool {
        switch ip {
        case .v4(let bytes): bytes.allSatisfy { $0 == 0 }
        case .v6(let bytes, _): bytes.allSatisfy { $0 == 0 }
        }
    }

    var isIPv4: Bool { family == AF_INET }

    /// `AF_INET` or `AF_INET6`.
    var family: Int32 {
        switch ip {
        case .v4: AF_INET
        case .v6: AF_INET6
        }
    }

    /// Calls `body` with the address as the system wants it.
    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        switch ip {
        case .v4(let bytes):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes) }
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        case .v6(let bytes, let scope):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_scope_id = scope
            withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: bytes) }
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
    }

    /// The name of the interface a link-local address belongs to, else its number, else nothing.
    public var zone: String? {
        guard case .v6(_, let scope) = ip, scope != 0 else { return nil }
        return Self.interfaceName(scope) ?? "\(scope)"
    }

    /// The name of the interface with this number; `nil` where there is none. (`if_indextoname`)
    public static func interfaceName(_ number: UInt32) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { buffer in
            guard let start = buffer.baseAddress, if_indextoname(number, start) != nil else { return nil }
            return String(cString: start)
        }
    }
}
