internal import Glibc

/// The forms of a request target by the grammar alone (RFC 9112 §3.2, RFC 3986 §3.2).
enum Targets {
    /// The authority in a target, empty when it has none, or `nil` when the target has no form.
    static func authority(of target: [UInt8], method: String) -> [UInt8]? {
        if method == "CONNECT" || target.first == 47 { return [] }
        if target == [42] { return method == "OPTIONS" ? [] : nil }
        guard String(decoding: target.prefix(7), as: UTF8.self).lowercased() == "http://" else { return nil }
        let authority = Array(target.dropFirst(7).prefix { $0 != 47 && $0 != 63 })
        return authority.isEmpty ? nil : authority
    }

    /// What follows the authority of an absolute target.
    static func path(of target: [UInt8], authority: [UInt8]) -> [UInt8] {
        authority.isEmpty ? target : Array(target.dropFirst(7 + authority.count))
    }

    /// Whether `bytes` are `host [":" port]`.
    static func isAuthority(_ bytes: [UInt8]) -> Bool {
        var host = bytes[...]
        if let colon = bytes.lastIndex(of: 58), !bytes[colon...].contains(93) {
            let port = bytes[(colon + 1)...]
            guard port.count <= 5, port.allSatisfy({ (48...57).contains($0) }) else { return false }
            guard (Int(String(decoding: port, as: UTF8.self)) ?? 0) <= 65_535 else { return false }
            host = bytes[..<colon]
        }
        guard host.first != 91 else {
            let inside = host.dropFirst().dropLast()
            return host.last == 93 && isIPv6(String(decoding: inside, as: UTF8.self))
        }
        return !host.isEmpty && isName(Array(host))
    }

    /// The system's own idea of an IPv6 address.
    private static func isIPv6(_ text: String) -> Bool {
        var address = in6_addr()
        return !text.utf8.contains(0) && inet_pton(AF_INET6, text, &address) == 1
    }

    private static func isName(_ host: [UInt8]) -> Bool {
        for (index, byte) in host.enumerated() {
            switch byte {
            case 48...57, 65...90, 97...122: continue
            case 37:
                guard index + 2 < host.count, isHex(host[index + 1]), isHex(host[index + 2]) else {
                    return false
                }
            default: guard "-._~!$&'()*+;=".utf8.contains(byte) else { return false }
            }
        }
        return true
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...70, 97...102: true
        default: false
        }
    }
}
