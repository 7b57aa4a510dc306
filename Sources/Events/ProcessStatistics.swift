internal import CEventShims
internal import CLibevent
internal import Glibc

/// What the system says of this process at one moment.
public struct ProcessStatistics: Sendable {
    /// User and system time in seconds. (`getrusage`)
    public let cpuSeconds: Double
    /// Resident memory in bytes. (`/proc/self/statm`)
    public let residentBytes: UInt64
    /// Mapped memory in bytes. (`/proc/self/statm`)
    public let virtualBytes: UInt64
    /// Descriptors open. (`/proc/self/fd`)
    public let openDescriptors: UInt64
    /// Descriptors that may be open. (`getrlimit`)
    public let maxDescriptors: UInt64

    /// Asks the system; what it does not tell is 0.
    public init() {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        cpuSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
        let pages = Self.memoryPages()
        let pageSize = UInt64(max(sysconf(Int32(_SC_PAGESIZE)), 1))
        virtualBytes = pages.mapped * pageSize
        residentBytes = pages.resident * pageSize
        openDescriptors = Self.descriptorCount()
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
        maxDescriptors = UInt64(limit.rlim_cur)
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
    }

    private static func memoryPages() -> (mapped: UInt64, resident: UInt64) {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return (0, 0) }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            guard count > 0 else { return (0, 0) }
            let numbers = String(decoding: buffer[0..<count], as: UTF8.self).split(separator: " ").map {
                UInt64($0) ?? 0
            }
            return numbers.count > 1 ? (numbers[0], numbers[1]) : (0, 0)
        }
    }

    private static func descriptorCount() -> UInt64 {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count: UInt64 = 0
        while readdir(folder) != nil { count += 1 }
        // Not the folder itself, its parent, and the descriptor it is read by.
        return count - min(count, 3)
    }
}
