import TestSupport

extension Balancer {
    /// Runs `body` while the process is frozen, so that it finds all that happened meanwhile at once, in that order.
    func whileFrozen<Result>(_ body: () throws -> Result) rethrows -> Result {
        process.signal(.freeze)
        _ = eventually { isStopped }
        defer { process.signal(.resume) }
        return try body()
    }

    private var isStopped: Bool {
        guard let bytes = try? readWholeFile("/proc/\(pid)/stat") else { return true }
        // The name in parentheses may hold spaces; the state is the first word behind it. One that ended counts too.
        let state = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.dropFirst().first
        return state == "T" || state == "Z" || state == nil
    }
}
