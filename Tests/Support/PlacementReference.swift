/// Which backend a client belongs to, calculated without a line of the balancer's code.
public enum PlacementReference {
    /// FNV-1a, 32 bits, as published: offset basis 2166136261, prime 16777619.
    public static func hash(_ text: String) -> UInt32 {
        var hash: UInt32 = 2_166_136_261
        for byte in text.utf8 {
            hash ^= UInt32(byte)
            hash = hash &* 16_777_619
        }
        return hash
    }

    /// The backend of a client among `count`.
    public static func backend(of client: String, among count: Int) -> Int {
        Int(hash(client) % UInt32(count))
    }

    /// The first address of 127.0.0.0/8 that belongs to the given backend.
    public static func client(of backend: Int, among count: Int) -> String {
        clients(of: backend, among: count, 1)[0]
    }

    /// The first `limit` addresses of 127.0.0.0/8 that belong to the given backend.
    public static func clients(of backend: Int, among count: Int, _ limit: Int) -> [String] {
        let all = (0..<4096).lazy.map { "127.0.\($0 / 250).\($0 % 250 + 1)" }
        return Array(all.filter { self.backend(of: $0, among: count) == backend }.prefix(limit))
    }

    /// Addresses spread over the whole of 127.0.0.0/8.
    public static func clients(_ count: Int) -> [String] {
        (0..<count).map { "127.\($0 * 83 % 256).\($0 * 151 % 256).\($0 * 37 % 254 + 1)" }
    }
}
