internal import Glibc

/// The sockets of this machine that listen on one address and share its port.
public enum PortSharers {
    /// The numbers by which the system knows the sockets that listen on `address` exactly. (`/proc/net/tcp`)
    ///
    /// The list has every connection of the machine, and Linux puts those who listen first.
    ///
    /// - Parameters:
    ///   - address: where they listen.
    ///   - known: sockets that may listen there; once one was found, what is listed behind the last listener is not
    ///     read.
    /// - Returns: the numbers in no particular order; none when the system does not tell.
    public static func listening(on address: SocketAddress, with known: Set<UInt64> = []) -> Set<UInt64> {
        let wanted = hexadecimal(address)
        return sockets(in: address.isIPv4 ? ipv4List : ipv6List, with: known) { $0 == wanted }
    }

    /// The same for all sockets that a new one on `address` would meet: on it, on what covers it, on what it covers.
    ///
    /// The list does not tell whether an IPv6 wildcard takes IPv4 clients, so it counts as one that does.
    ///
    /// - Parameters:
    ///   - address: where the new socket would listen.
    ///   - isDualStack: whether it would take the clients of both families.
    ///   - known: as for `listening`.
    /// - Returns: the numbers in no particular order; none when the system does not tell.
    public static func meeting(
        _ address: SocketAddress,
        isDualStack: Bool,
        with known: Set<UInt64> = []
    ) -> Set<UInt64> {
        let exact = hexadecimal(address)
        let port = ":" + padded(UInt32(address.port), to: 4)
        func meets(_ text: Substring) -> Bool {
            guard text.hasSuffix(port) else { return false }
            return address.isWildcard || text == exact || isWildcard(text.dropLast(port.count))
        }
        let ipv4 = { (text: Substring) in text.hasSuffix(port) && (address.isIPv4 ? meets(text) : isDualStack)
        }
        let ipv6 = { (text: Substring) in
            address.isIPv4 ? text.hasSuffix(port) && isWildcard(text.dropLast(port.count)) : meets(text)
        }
        return sockets(in: ipv4List, with: known, where: ipv4)
            .union(sockets(in: ipv6List, with: known, where: ipv6))
    }

    private static let ipv4List = "/proc/net/tcp"
    private static let ipv6List = "/proc/net/tcp6"

    private static func isWildcard(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { $0 == UInt8(ascii: "0") }
    }

    /// The sockets in `list` that listen on an address which is wanted.
    private static func sockets(
        in list: String,
        with known: Set<UInt64> = [],
        where isWanted: (Substring) -> Bool
    ) -> Set<UInt64> {
        let descriptor = open(list, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var found: Set<UInt64> = []
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        // The first line has the titles.
        var isTitle = true
        while case let count = read(descriptor, &piece, piece.count), count > 0 {
            bytes += piece[..<count]
            var start = 0
            while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = bytes[start..<end]
                start = end + 1
                if let inode = listener(in: line, where: isWanted) {
                    found.insert(inode)
                } else if !isTitle, !known.isDisjoint(with: found), !tellsOfListener(line) {
                    return found
                }
                isTitle = false
            }
            bytes.removeFirst(start)
        }
        return found
    }

    /// The number of the socket that a line tells of, if it listens where it is wanted.
    private static func listener(
        in line: ArraySlice<UInt8>,
        where isWanted: (Substring) -> Bool
    ) -> UInt64? {
        guard tellsOfListener(line) else { return nil }
        let fields = String(decoding: line, as: UTF8.self).split(separator: " ")
        guard fields.count > 9, isWanted(fields[1]) else { return nil }
        return UInt64(fields[9])
    }

    /// Whether the line has the state `0A`, which is `TCP_LISTEN`: behind a remote address of zeros.
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
}
