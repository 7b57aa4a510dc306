import Glibc

/// Origins that many tests need.
public enum Origin {
    /// Answers with its name, the request line, the fields and the body it saw.
    public static func echo(_ name: String) throws -> ScriptedPeer {
        try ScriptedPeer { request in
            let lines = [name, "\(request.method) \(request.target) \(request.version)"]
            let fields = request.fields.map { "\($0)" }
            let body = (lines + fields + ["", request.bodyText]).joined(separator: "\n")
            // A body on an answer to HEAD would be taken for the start of the next answer.
            let sent = request.method == "HEAD" ? "" : body
            return [
                .send(
                    "HTTP/1.1 200 OK\r\nX-Origin: \(name)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(sent)"
                )
            ]
        }
    }

    /// Answers each request with the same bytes.
    public static func fixed(_ answer: String) throws -> ScriptedPeer {
        try ScriptedPeer { _ in [.send(answer)] }
    }

    /// Answers 200 with a short body.
    public static func ok(_ body: String = "ok") throws -> ScriptedPeer {
        try ScriptedPeer { request in
            let sent = request.method == "HEAD" ? "" : body
            return [
                .send(
                    "HTTP/1.1 200 OK\r\nX-Origin: \(body)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(sent)"
                )
            ]
        }
    }
}

/// An address that refuses connections and stays reserved as long as the value lives.
public final class RefusingAddress: Sendable {
    private let listener: Listener

    /// Reserves a loopback port.
    public init() throws {
        listener = try Listener(address: "127.0.0.1", port: 0)
    }

    /// The port.
    public var port: UInt16 { listener.port }

    /// `127.0.0.1:PORT`.
    public var endpoint: String { "127.0.0.1:\(listener.port)" }
}

/// An address whose connections neither succeed nor fail, because the queue behind it is full and never emptied.
public final class UnansweringAddress: Sendable {
    private let listener: Listener
    private let fillers: [Socket]

    /// Reserves a loopback port and fills its queue.
    public init() throws {
        let listener = try Listener(address: "127.0.0.1", port: 0)
        try listener.start(backlog: 0)
        fillers = try (0..<3).map { _ in
            let socket = try Socket()
            // The first ones fill the queue; the last one must not get through, or the address would answer.
            try? socket.connect("127.0.0.1", listener.port, until: .after(.milliseconds(200)))
            return socket
        }
        self.listener = listener
    }

    /// `127.0.0.1:PORT`.
    public var endpoint: String { "127.0.0.1:\(listener.port)" }
}

/// An origin that is connected to by the system and never reads: its queue is long and nobody takes from it.
public final class SilentOrigin: Sendable {
    private let listener: Listener

    /// Listens on a loopback port.
    public init() throws {
        listener = try Listener(address: "127.0.0.1", port: 0)
        try listener.start(backlog: 4096)
    }

    /// `127.0.0.1:PORT`.
    public var endpoint: String { "127.0.0.1:\(listener.port)" }
}
