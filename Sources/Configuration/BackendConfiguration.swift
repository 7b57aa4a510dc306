/// A backend as wanted: where it is, how much it takes, what it is called.
public struct BackendConfiguration: Sendable, Hashable {
    /// Where it listens.
    public var address: BackendAddress
    /// Its share of the traffic in relation to the others', at least 1; no policy reads it yet.
    public var weight: Int
    /// What logs, metrics and the admin listener call it.
    public var name: String

    /// A backend at `address`.
    ///
    /// - Parameters:
    ///   - address: where it listens.
    ///   - weight: its share in relation to the others', at least 1.
    ///   - name: what it is called; its address, `host:port`, when `nil`.
    public init(_ address: BackendAddress, weight: Int = 1, name: String? = nil) {
        self.address = address
        self.weight = weight
        self.name = name ?? address.description
    }
}
