internal import CEventShims
internal import CLibevent
internal import Glibc

/// The number of descriptors the process may have open.
public enum DescriptorLimit {
    /// Opens the null device in the place of any standard stream that was closed, so that nothing else gets its number.
    public static func fillStandardStreams() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Raises the soft limit to the hard one and returns how many descriptors can be used. (`setrlimit`)
    ///
    /// An unlimited number counts as 1 048 576, and none is of use that could not be waited for
    /// (`fs.epoll.max_user_watches`).
    public static func raise() -> Int { min(raiseOpenFiles(), watches ?? .max) }

    private static func raiseOpenFiles() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue))
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
        getrlimit(resource, &limit)
        return Int(min(limit.rlim_cur, 1_048_576))
    }

    /// How many descriptors this user's processes may wait for.
    private static var watches: Int? {
        let descriptor = open("/proc/sys/fs/epoll/max_user_watches", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var digits = [UInt8](repeating: 0, count: 32)
        let count = read(descriptor, &digits, digits.count)
        guard count > 0 else { return nil }
        let text = String(decoding: digits[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        return Int(text)
    }
}
