import Glibc

/// What the package manager built beside the test bundle.
public enum BuildProducts {
    /// The path of the product in file `name`, or `nil` when it was not built.
    public static func path(of name: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { readlink("/proc/self/exe", $0, text.count) } ?? 0
            }
        }
        var folder = String(decoding: buffer[..<max(count, 0)], as: UTF8.self)
        // The bundle is the executable itself on Linux; a wrapper folder around it is allowed for.
        for _ in 0..<3 {
            folder = String(folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)])
            let candidate = "\(folder)/\(name)"
            if access(candidate, R_OK) == 0 { return candidate }
        }
        return nil
    }
}
