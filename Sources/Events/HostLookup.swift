internal import CEventShims
internal import CLibevent
internal import Glibc

/// Looks host names up in whatever way the system is set up for. (`getaddrinfo`)
public enum HostLookup {
    /// What a look-up found.
    public enum Answer: Sendable, Equatable {
        /// The addresses, at least one: IPv4 first, because a backend that has both families and listens on one only
        /// mostly listens on that one; otherwise in the system's order.
        case found([SocketAddress.IP])
        /// The name has none; the text is the system's reason.
        case failed(String)
    }

    /// The addresses of `host`.
    ///
    /// Blocks as long as the system's resolver does, which may be minutes, so it is called on a thread of its own.
    public static func addresses(of host: String) -> Answer {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard result == 0 else { return .failed(String(cString: gai_strerror(result))) }
        var addresses: [SocketAddress] = []
        var entry = list
        while let current = entry {
            if let address = current.pointee.ai_addr.flatMap({ SocketAddress($0) }) {
                addresses.append(address)
            }
            entry = current.pointee.ai_next
        }
        guard !addresses.isEmpty else { return .failed("no address") }
        return .found((addresses.filter(\.isIPv4) + addresses.filter { !$0.isIPv4 }).map(\.ip))
    }
}
