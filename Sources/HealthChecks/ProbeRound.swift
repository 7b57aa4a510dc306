internal import Events

/// The addresses that one look at a backend asks, one after the other until one answers.
///
/// A name may stand for several. Traffic goes on to the address that is used until another one has answered.
struct ProbeRound {
    /// The address that is asked.
    private(set) var address: SocketAddress
    private var rest: ArraySlice<SocketAddress>

    /// A round that begins with `used` and goes on with those behind it in `addresses`, around the end.
    init(from used: SocketAddress, among addresses: [SocketAddress]) {
        address = used
        let start = addresses.firstIndex(of: used).map { $0 + 1 } ?? 0
        rest = (addresses[start...] + addresses[..<start]).filter { $0 != used }[...]
    }

    /// Turns to the next address.
    ///
    /// - Returns: `false` when each was asked.
    mutating func turn() -> Bool {
        guard let next = rest.popFirst() else { return false }
        address = next
        return true
    }
}
