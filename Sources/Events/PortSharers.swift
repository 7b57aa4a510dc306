internal import Glibc

/// The sockets of this machine that listen on one address and share its port.
public enum PortSharers {
    /// The numbers by which the system knows the sockets that listen on `address` exactly. (`/proc/net/tcp`)
    ///
    /// - Returns: the numbers in no particular order; none when the system does not tell.
    public static func listening(on address: SocketAddress) -> Set<UInt64> {
        let path = address.isIPv4 ? "/proc/net/tcp" : "/proc/net/tcp6"
        let wanted = Substring(hexadecimal(address))
        var found: Set<UInt64> = []
        for line in text(of: path).split(separator: "\n").dropFirst() {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            // 0A is TCP_LISTEN.
            guard fields.count > 9, fields[1] == wanted, fields[3] == "0A", let inode = UInt64(fields[9])
            else {
                continue
            }
            found.insert(inode)
        }
        return found
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

    private static func text(of path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(descriptor, &piece, piece.count), count > 0 { bytes += piece[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
