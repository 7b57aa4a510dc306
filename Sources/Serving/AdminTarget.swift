/// The target of a request to the admin listener, taken apart.
struct AdminTarget {
    /// Everything before the query.
    let path: String
    private let query: Substring

    /// Takes a target in origin form apart.
    init(_ target: String) {
        let end = target.firstIndex(of: "?") ?? target.endIndex
        path = String(target[..<end])
        query = target[end...].dropFirst()
    }

    /// The value of a parameter, decoded; `nil` when it is missing or not UTF-8.
    func value(of name: String) -> String? {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts[0] == name { return Self.decoded(parts.count == 2 ? parts[1] : "") }
        }
        return nil
    }

    /// Undoes percent-encoding (RFC 3986 §2.1).
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                rest.count >= 2
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
