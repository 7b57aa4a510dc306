internal import CEventShims
internal import CLibevent
internal import Glibc

/// How many processors the process may keep busy.
public enum ProcessorCount {
    /// The processors it may run on, or fewer when its control group has a smaller share; at least 1.
    /// (`sched_getaffinity`, `cpu.max`, `cpu.cfs_quota_us`)
    public static func available() -> Int {
        let allowed = Int(swerve_allowed_processors())
        return max(1, min(allowed, controlGroupLimit() ?? allowed))
    }

    private static func controlGroupLimit() -> Int? {
        // Inside a container the process's own group is mounted at the root.
        let unified = read("/sys/fs/cgroup/cpu.max")?.split(separator: " ") ?? []
        if unified.count == 2 { return limit(quota: unified[0], period: unified[1]) }
        guard let quota = read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
            let period = read("/sys/fs/cgroup/cpu/cpu.cfs_period_us")
        else { return nil }
        return limit(quota: quota[...], period: period[...])
    }

    /// A quota of one and a half processors keeps two workers busy most of the time.
    static func limit(quota: Substring, period: Substring) -> Int? {
        guard let quota = Int(quota), let period = Int(period), quota > 0, period > 0 else { return nil }
        return max(1, (quota + period - 1) / period)
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            guard count > 0 else { return nil }
            let text = String(decoding: buffer[0..<count], as: UTF8.self)
            return String(text.prefix { $0 != "\n" })
        }
    }
}
