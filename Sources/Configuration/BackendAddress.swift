/// A backend as configured: one host, one port.
public struct BackendAddress: Sendable, Hashable {
    /// An IPv4 literal, an IPv6 literal without brackets, or a host name.
    public var host: String
    /// 1 to 65535.
    public var port: UInt16

    /// An address from its parts.
    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }
}
