internal import Balancing

/// Who asks: what the choice of a backend, the forwarding fields and the log line of one request go by.
struct RequestOrigin {
    /// The client's address.
    let address: ClientAddress
    /// The hash of its text.
    let key: UInt32
    /// The port at the client's end of the connection; 0 when it has none.
    let peerPort: UInt16

    /// The origin of everything that comes from `address`.
    init(_ address: ClientAddress, peerPort: UInt16) {
        self.address = address
        self.peerPort = peerPort
        key = IPHash.key(address)
    }
}
