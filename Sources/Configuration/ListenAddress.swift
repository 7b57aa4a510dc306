/// An address to accept clients on.
public struct ListenAddress: Sendable, Hashable {
    /// An IPv4 or IPv6 literal without brackets; `nil` means every address of both families (dual-stack).
    public var host: String?
    /// 0 lets the kernel choose.
    public var port: UInt16

    /// An address from its parts.
    public init(host: String?, port: UInt16) {
        self.host = host
        self.port = port
    }
}
