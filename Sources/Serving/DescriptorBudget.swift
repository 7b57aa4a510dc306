internal import Configuration
internal import Events

/// How the descriptors that the system allows are divided: each client may need a second one for its backend.
struct DescriptorBudget {
    /// What the system allows.
    let limit: Int
    /// What clients and their backends may take together, over all workers.
    private(set) var forTraffic: Int
    private let workerCount: Int

    /// Fewer connections than this are worth a warning.
    private static let modestConnections = 256
    /// Kept for everything but clients and their backends: listeners, probes, logs, loops, the admin listener.
    private static let reserve = 64

    /// Takes stock, after the soft limit was raised to the hard one.
    init(backendCount: Int, workerCount: Int) {
        self.init(limit: DescriptorLimit.raise(), backendCount: backendCount, workerCount: workerCount)
    }

    /// Divides `limit` descriptors.
    init(limit: Int, backendCount: Int, workerCount: Int) {
        self.limit = limit
        self.workerCount = workerCount
        forTraffic = 0
        follow(backendCount: backendCount)
    }

    /// Divides anew, for another number of backends.
    mutating func follow(backendCount: Int) {
        forTraffic = max(2, limit - (Self.reserve + 2 * backendCount + 8 * workerCount))
    }

    /// The most clients at a time for a wanted number, and what is to be said about it.
    func clients(wanted: Int?) -> (limit: Int, warnings: [String]) {
        let most = forTraffic / 2
        let wanted = wanted ?? most
        var warnings: [String] = []
        if wanted > most {
            warnings.append(
                "--max-connections \(wanted) is more than \(limit) open files allow and is taken as \(most); see ulimit -n"
            )
        }
        if most < Self.modestConnections {
            warnings.append("\(limit) open files allow \(most) connections at a time; see ulimit -n")
        }
        return (min(wanted, most), warnings)
    }
}
