internal import CEventShims
internal import Glibc

/// What carries the bytes of a stream: the one place that reads from and writes to the connection.
///
/// Each function answers as the system call does, with -1 and `errno` where it fails. A layer between the bytes and the
/// socket has its branch here, and those above do not know of it.
extension ByteStream {
    /// Reads what is there into `memory`. (`recv`)
    ///
    /// - Returns: the number of bytes; 0 at the end of the peer's side.
    @inline(__always)
    final func transportReceive(into memory: UnsafeMutableRawBufferPointer) -> Int {
        recv(descriptor, memory.baseAddress, EventLoop.readSize, 0)
    }

    /// Writes as much as is taken at once. (`send`)
    ///
    /// - Returns: the number of bytes taken.
    @inline(__always)
    final func transportSend(_ bytes: UnsafeRawBufferPointer, isLast: Bool) -> Int {
        Glibc.send(descriptor, bytes.baseAddress, bytes.count, Self.flags(isLast))
    }

    /// Writes as much of two pieces as is taken at once. (`sendmsg`)
    ///
    /// - Returns: the number of bytes taken.
    @inline(__always)
    final func transportSend(
        _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer,
        isLast: Bool
    ) -> Int {
        swerve_send_two(
            descriptor,
            first.baseAddress,
            first.count,
            second.baseAddress,
            second.count,
            Self.flags(isLast)
        )
    }

    /// Whether the peer has neither sent anything nor ended, as far as is known without waiting. (`recv`, `MSG_PEEK`)
    final func transportIsSilent() -> Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) < 0 && errno == EAGAIN
    }

    /// Tells the peer that nothing follows. (`shutdown`)
    final func transportEndOutput() {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    /// `MSG_MORE` keeps the last bytes until the end that follows takes them along: one segment and one wake-up of
    /// the peer less.
    private static func flags(_ isLast: Bool) -> Int32 {
        Int32(isLast ? MSG_NOSIGNAL | MSG_DONTWAIT | MSG_MORE : MSG_NOSIGNAL | MSG_DONTWAIT)
    }
}
