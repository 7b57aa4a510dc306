// The C library declares `environ` as a mutable global; nothing in this process writes to it.
@preconcurrency import Glibc

/// The environment the process was started with.
enum ProcessEnvironment {
    /// All variables; of a name that occurs twice the first one, as `getenv` has it.
    static func variables() -> [String: String] {
        var variables: [String: String] = [:]
        var entry: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = environ
        while let raw = entry.pointee {
            let text = String(cString: raw)
            if let end = text.firstIndex(of: "=") {
                let name = String(text[..<end])
                variables[name] = variables[name] ?? String(text[end...].dropFirst())
            }
            entry += 1
        }
        return variables
    }
}
