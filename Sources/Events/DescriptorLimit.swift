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

    /// Raises the soft limit to the hard one and returns it; an unlimited one counts as 1 048 576. (`setrlimit`)
    public static func raise() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue))
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
        getrlimit(resource, &limit)
        return Int(min(limit.rlim_cur, 1_048_576))
    }
}
