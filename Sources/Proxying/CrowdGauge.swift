/// Notices when a crowd has gone, so that the memory it took can go back to the system.
struct CrowdGauge {
    /// The most there were since the gauge was set.
    private(set) var peak = 0

    /// So many leave enough behind for it to matter.
    static let crowd = 256

    /// There are `count` now.
    mutating func rise(to count: Int) {
        if count > peak { peak = count }
    }

    /// Whether there was a crowd of which at most a quarter is left.
    func isOver(at count: Int) -> Bool {
        peak >= Self.crowd && count <= peak / 4
    }

    /// Begins anew with those who are left.
    mutating func set(to count: Int) {
        peak = count
    }
}
