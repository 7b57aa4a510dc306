internal import Balancing
internal import Events

extension ClientAddress {
    /// The address of a peer; one without an IP address is `@`, as Go writes it.
    init(_ peer: SocketAddress?) {
        switch peer?.ip {
        case .v4(let bytes):
            self.init(ipv4: InlineArray { bytes[$0] })
        case .v6(let bytes, _):
            self.init(ipv6: InlineArray { bytes[$0] }, zone: peer?.zone)
        case nil:
            self.init(unnamed: "@")
        }
    }
}
