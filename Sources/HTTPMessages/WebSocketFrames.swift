/// Where one direction of a WebSocket is: between two frames, or inside one (RFC 6455 §5.2).
///
/// Only between two frames can a frame be put in. Payload is skipped, never looked at.
public struct WebSocketFrames: Sendable {
    /// What of the present frame's head was read.
    private var head = InlineArray<14, UInt8>(repeating: 0)
    private var headCount = 0
    /// Bytes of payload that are still to come.
    private var rest: UInt64 = 0

    /// The direction ended with a close frame: nothing may follow it (§5.5.1).
    public private(set) var isClosed = false

    /// A direction in which nothing was sent yet.
    public init() {}

    /// Whether a frame may be put in here.
    public var isBetweenFrames: Bool { headCount == 0 && rest == 0 }

    /// Follows the bytes that pass.
    public mutating func follow(_ bytes: Span<UInt8>) {
        var position = 0
        while position < bytes.count {
            if rest > 0 {
                let step = min(rest, UInt64(bytes.count - position))
                rest -= step
                position += Int(step)
                continue
            }
            head[headCount] = bytes[position]
            headCount += 1
            position += 1
            if headCount >= 2, headCount == headLength { endHead() }
        }
    }

    /// The length of the present head: two bytes, the extended length, the masking key.
    private var headLength: Int {
        let extended =
            switch head[1] & 0x7F {
            case 126: 2
            case 127: 8
            default: 0
            }
        return 2 + extended + (head[1] & 0x80 != 0 ? 4 : 0)
    }

    private mutating func endHead() {
        let short = head[1] & 0x7F
        switch short {
        case 126: rest = number(2..<4)
        case 127: rest = number(2..<10)
        default: rest = UInt64(short)
        }
        if head[0] & 0x0F == 0x08 { isClosed = true }
        headCount = 0
    }

    private func number(_ range: Range<Int>) -> UInt64 {
        var value: UInt64 = 0
        for index in range { value = value << 8 | UInt64(head[index]) }
        return value
    }

    /// A close frame with status 1001, "going away" (§7.4.1), as a server sends it.
    public static let goodbyeToClient: [UInt8] = [0x88, 0x02, 0x03, 0xE9]
    /// The same as a client sends it: masked, with a key of zeros, which hides nothing and need not.
    public static let goodbyeToServer: [UInt8] = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE9]
}
