import Glibc

/// Many connections that take next to nothing in the suite: no thread and no buffer each.
public final class Crowd: Sendable {
    private let sockets: Monitor<[Socket]>

    /// Connects so many clients, spread over addresses so that ports do not run out.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - port: The balancer's port.
    ///   - sources: The clients' own addresses, used in turn.
    ///   - receiveBuffer: The size of the kernel's receive buffer, for clients that do not read.
    /// - Throws: ``SocketError`` when one cannot be made.
    public init(
        _ count: Int,
        to port: UInt16,
        from sources: [String] = ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"],
        receiveBuffer: Int? = nil
    ) throws {
        let made = try (0..<count).map { index in
            let socket = try Socket()
            if let receiveBuffer { socket.setOption(SOL_SOCKET, SO_RCVBUF, Int32(receiveBuffer)) }
            socket.setOption(Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, 1)
            try socket.bind(sources[index % sources.count], 0)
            try socket.connect("127.0.0.1", port, until: .after(.seconds(30)))
            return socket
        }
        sockets = Monitor(made)
    }

    /// How many there are.
    public var count: Int { sockets.read { $0.count } }

    /// Has each send some bytes, as far as the system takes them without waiting.
    public func send(_ text: String) {
        let bytes = Array(text.utf8)
        sockets.read { sockets in
            for socket in sockets {
                _ = Glibc.send(socket.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
        }
    }

    /// Has each read one byte, if there is one.
    ///
    /// - Returns: how many connections have ended.
    public func readByte() -> Int {
        var byte: UInt8 = 0
        return sockets.read { sockets in
            sockets.count { socket in
                let count = recv(socket.descriptor, &byte, 1, Int32(MSG_DONTWAIT))
                return count == 0 || (count < 0 && errno != EAGAIN)
            }
        }
    }

    /// Closes all.
    public func close() {
        sockets.access { sockets in
            for socket in sockets { socket.close() }
            sockets = []
        }
    }
}

/// The suite's own descriptors.
public enum OwnDescriptors {
    /// Raises the soft limit to the hard one and returns it.
    public static func raise() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue))
        getrlimit(resource, &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
        return Int(min(limit.rlim_cur, 1_048_576))
    }
}
