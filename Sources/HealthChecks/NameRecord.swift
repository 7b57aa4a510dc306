internal import Discovery
internal import Events

/// What is known of a backend's name: what it stands for, and whether that still holds.
struct NameRecord {
    /// What a finding changes for the backend.
    enum Change: Equatable {
        /// It has an address for the first time, or again after it was missed.
        case appeared(SocketAddress, wasMissed: Bool)
        /// The address that was used is no longer one of the name's; this one takes its place.
        case moved(SocketAddress)
        /// The name has no address, and never had one.
        case missing(String)
        /// The name resolved once and no longer does; its last address is kept, because a name server's bad hour is not
        /// the backend's.
        case stale(String)
        /// It resolves again after it was stale.
        case recovered
    }

    private enum Standing {
        /// No look-up has come to anything yet.
        case awaited
        case missing
        case resolved
        case stale
    }

    private var standing = Standing.awaited
    /// What the name stands for, in the order in which to try.
    private(set) var addresses: [SocketAddress] = []

    /// Takes a finding.
    ///
    /// - Parameters:
    ///   - finding: what a look-up came to.
    ///   - used: the address that traffic goes to.
    /// - Returns: what changes, in order.
    mutating func take(_ finding: FollowedName.Finding, used: SocketAddress?) -> [Change] {
        switch finding {
        case .addresses(let found):
            let before = standing
            standing = .resolved
            addresses = found
            var changes: [Change] = []
            switch before {
            case .awaited: changes.append(.appeared(found[0], wasMissed: false))
            case .missing: changes.append(.appeared(found[0], wasMissed: true))
            case .stale, .resolved:
                if case .stale = before { changes.append(.recovered) }
                if used.map(found.contains) != true { changes.append(.moved(found[0])) }
            }
            return changes
        case .nothing(let reason):
            switch standing {
            case .awaited:
                standing = .missing
                return [.missing(reason)]
            case .resolved:
                standing = .stale
                return [.stale(reason)]
            case .missing, .stale: return []
            }
        }
    }

    /// The address behind `address` among those of the name, around the end; `nil` when there is no other.
    func next(after address: SocketAddress?) -> SocketAddress? {
        guard addresses.count > 1, let address else { return nil }
        let position = addresses.firstIndex(of: address) ?? addresses.count - 1
        return addresses[(position + 1) % addresses.count]
    }
}
