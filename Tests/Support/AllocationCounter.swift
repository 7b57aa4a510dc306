import Glibc

/// Counts the allocations of a process that is started with its environment.
public final class AllocationCounter: Sendable {
    private let path: String
    /// What the process must find in its environment.
    public let environment: [String: String]

    /// A counter at zero.
    ///
    /// - Throws: ``SocketError`` when its file cannot be made, or the library that counts was not built.
    public init() throws {
        let name = "libAllocationCounter.so"
        guard let library = BuildProducts.path(of: name) else {
            throw SocketError(operation: "find \(name)", code: ENOENT)
        }
        var template = Array("/tmp/swerve-allocations-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw SocketError(operation: "mkstemp", code: errno) }
        close(descriptor)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        environment = ["LD_PRELOAD": library, "ALLOCATION_COUNTER": path]
    }

    deinit { unlink(path) }

    /// The allocations so far.
    public func value() throws -> UInt64 {
        try readWholeFile(path).prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
