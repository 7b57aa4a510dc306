import Glibc
import TestSupport

extension Balancer {
    /// Runs `body` while the process is frozen, so that it finds all that happened meanwhile at once, in that order.
    func whileFrozen<Result>(_ body: () throws -> Result) rethrows -> Result {
        process.signal(.freeze)
        // The signal is under way to some threads when others have stopped already.
        _ = eventually { threads.allSatisfy(isStopped) }
        defer { process.signal(.resume) }
        return try body()
    }

    /// The threads of the process; none when it has ended.
    private var threads: [String] {
        guard let folder = opendir("/proc/\(pid)/task") else { return [] }
        defer { closedir(folder) }
        var threads: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if Int(name) != nil { threads.append(name) }
        }
        return threads
    }

    private func isStopped(_ thread: String) -> Bool {
        guard let bytes = try? readWholeFile("/proc/\(pid)/task/\(thread)/stat") else { return true }
        // The name in parentheses may hold spaces; the state is the first word behind it.
        let state = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.dropFirst().first
        return state.map { "TZX".contains($0) } ?? true
    }
}
