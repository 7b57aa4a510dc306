internal import HTTPMessages

/// What is known of the frames in a tunnel: something for a WebSocket, nothing for any other protocol.
struct WebSocketRelay {
    private var fromClient: WebSocketFrames?
    private var fromBackend: WebSocketFrames?
    /// The server goes away: the next pause between two frames ends the tunnel.
    private(set) var isClosing = false

    /// Follows a tunnel from its start if `head`, parsed from `bytes`, switches to WebSocket (RFC 6455 §4.2.2).
    mutating func open(_ head: ResponseHead, _ bytes: Span<UInt8>) {
        for line in head.fields.lines where line.name == .upgrade {
            guard bytes.text(line.valueRange).lowercased() == "websocket" else { return }
            fromClient = WebSocketFrames()
            fromBackend = WebSocketFrames()
            return
        }
    }

    /// Bytes passed from the client.
    mutating func followClient(_ bytes: Span<UInt8>) { fromClient?.follow(bytes) }

    /// Bytes passed from the backend.
    mutating func followBackend(_ bytes: Span<UInt8>) { fromBackend?.follow(bytes) }

    /// The server goes away.
    mutating func close() { isClosing = true }

    /// Whether both sides are between two frames, so that a close frame may follow (§5.5.1).
    var mayClose: Bool { fromClient?.isBetweenFrames == true && fromBackend?.isBetweenFrames == true }

    /// Whether the client has still to be told; its backend may have done so.
    var clientExpectsClose: Bool { fromBackend?.isClosed == false }

    /// Whether the backend has still to be told; its client may have done so.
    var backendExpectsClose: Bool { fromClient?.isClosed == false }
}
