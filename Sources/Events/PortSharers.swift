internal import Glibc

/// The sockets of this machine that listen on one address and share its port.
public enum PortSharers {
    /// The numbers by which the system knows the sockets that listen on `address` exactly. (`/proc/net/tcp`)
    ///
    /// - Returns: the numbers in no particular order; none when the system does not tell.
    public static func listening(on address: SocketAddress) -> Set<UInt64> {
        let wanted = hexadecimal(address)
        return sockets(in: address.isIPv4 ? ipv4List : ipv6List) { $0 == wanted }
    }

    /// The same for all sockets that a new one on `address` would meet: those on the address, on a wildcard address that
    /// covers it, and on every address that it covers.
    ///
    /// The list does not tell whether an IPv6 wildcard takes IPv4 clients, so it counts as one that does.
    public static func meeting(_ address: SocketAddress, isDualStack: Bool) -> Set<UInt64> {
        let exact = hexadecimal(address)
        let port = ":" + padded(UInt32(address.port), to: 4)
        func meets(_ text: Substring) -> Bool {
            guard text.hasSuffix(port) else { return false }
            return address.isWildcard || text == exact || isWildcard(text.dropLast(port.count))
        }
        let ipv4 = { (text: Substring) in text.hasSuffix(port) && (address.isIPv4 ? meets(text) : isDualStack) }
        let ipv6 = { (text: Substring) in
            address.isIPv4 ? text.hasSuffix(port) && isWildcard(text.dropLast(port.count)) : meets(text)
        }
        return sockets(in: ipv4List, where: ipv4).union(sockets(in: ipv6List, where: ipv6))
    }

    private static let ipv4List = "/proc/net/tcp"
    private static let ipv6List = "/proc/net/tcp6"

    private static func isWildcard(_ text: Substring) -> Bool { text.utf8.allSatisfy { $0 == UInt8(ascii: "0") } }

    /// The sockets in `list` that listen on an address which is wanted.
    ///
    /// The list has a line for each connection of the machine, so a line is looked at closely only if it says that
    /// somebody listens.
    private static func sockets(in list: String, where isWanted: (Substring) -> Bool) -> Set<UInt64> {
        var found: Set<UInt64> = []
        let bytes = content(of: list)
        var start = 0
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            defer { start = end + 1 }
            guard tellsOfListener(bytes[start..<end]) else { continue }
            let fields = String(decoding: bytes[start..<end], as: UTF8.self)
                .split(separator: " ", omittingEmptySubsequences: true)
            guard fields.count > 9, fields[3] == "0A", isWanted(fields[1]), let inode = UInt64(fields[9]) else {
                continue
            }
            found.insert(inode)
        }
        return found
    }

    /// Whether the line may have the state `0A`, which is `TCP_LISTEN`: behind a remote address of zeros.
    private static func tellsOfListener(_ line: ArraySlice<UInt8>) -> Bool {
        var colons = 0
        for index in line.indices where line[index] == UInt8(ascii: ":") {
            colons += 1
            guard colons == 3 else { continue }
            // The third colon stands in the remote address; its port is 0 for a listener.
            let state = index + 6
            return state + 1 < line.endIndex && line[state] == UInt8(ascii: "0")
                && line[state + 1] == UInt8(ascii: "A")
        }
        return false
    }

    /// An address as the system writes it there: each 32-bit word in the host's order, the port in the usual one.
    private static func hexadecimal(_ address: SocketAddress) -> String {
        let bytes =
            switch address.ip {
            case .v4(let bytes): bytes
            case .v6(let bytes, _): bytes
            }
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 4) {
            let word = bytes[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            text += padded(word, to: 8)
        }
        return text + ":" + padded(UInt32(address.port), to: 4)
    }

    private static func padded(_ value: UInt32, to width: Int) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func content(of path: String) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(descriptor, &piece, piece.count), count > 0 { bytes += piece[..<count] }
        return bytes
    }
}
