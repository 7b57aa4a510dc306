internal import CEventShims
internal import CLibevent
internal import Glibc

/// What libevent or the system refused, in words.
public struct EventError: Error, Equatable, CustomStringConvertible {
    /// What was attempted, such as `bind 127.0.0.1:8000`.
    public let operation: String
    /// The system's error number, or 0 when there is none.
    public let code: Int32

    /// An error of an operation with the system's error number.
    public init(_ operation: String, code: Int32) {
        self.operation = operation
        self.code = code
    }

    /// The system has no such address family, as a machine without IPv6.
    public var isAddressFamilyMissing: Bool { code == EAFNOSUPPORT || code == EADDRNOTAVAIL }

    /// Another socket has the address.
    public var isAddressInUse: Bool { code == EADDRINUSE }

    /// This machine has run out of something, which says nothing about the peer.
    public var isLocalShortage: Bool {
        switch code {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL, EAGAIN: true
        default: false
        }
    }

    /// The operation and the system's words for the reason.
    public var description: String {
        code == 0 ? "\(operation) failed" : "\(operation): \(SystemError.text(code))"
    }
}

/// The system's error numbers that mean something here, and the words for them.
public enum SystemError {
    /// The peer refused the connection.
    public static let connectionRefused = ECONNREFUSED
    /// The peer reset the connection.
    public static let connectionReset = ECONNRESET
    /// Every local port is taken on the way to one destination.
    public static let portsExhausted = EADDRNOTAVAIL
    /// The attempt took too long.
    public static let timedOut = ETIMEDOUT

    /// The system's words for an error number. (`strerror_r`)
    public static func text(_ code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress, strerror_r(code, start, 256) == 0 else {
                return "error \(code)"
            }
            return String(cString: start)
        }
    }
}
