internal import Configuration
internal import Events

/// Where to listen, in the system's terms.
struct ListenPlan: Sendable {
    /// The address; its port becomes the one that the kernel chose once somebody listens.
    var socket: SocketAddress
    /// Whether an IPv6 wildcard address takes IPv4 clients too.
    var isDualStack: Bool
    /// Whether several workers listen on it.
    let isShared: Bool

    /// The plan for a configured address.
    ///
    /// - Throws: when somebody else listens there, or nobody can.
    init(_ address: ListenAddress, isShared: Bool) throws(EventError) {
        self.isShared = isShared
        if let host = address.host {
            guard let literal = SocketAddress(literal: host, port: address.port) else {
                throw EventError("cannot listen on \(address)", code: 0)
            }
            socket = literal
            isDualStack = false
        } else {
            socket = .any(port: address.port)
            isDualStack = true
        }
        do {
            try HTTPListener.expectFree(socket, isDualStack: isDualStack)
        } catch  where error.isAddressFamilyMissing && isDualStack {
            // A machine without IPv6 still has every address of the other family.
            socket = SocketAddress(ip: .v4([0, 0, 0, 0]), port: address.port)
            isDualStack = false
        } catch {
            throw EventError("cannot listen on \(address)", code: error.code)
        }
    }
}
