import Glibc

/// A field line as it was on the wire, without the white space around its value.
public struct HeaderField: Sendable, Equatable, CustomStringConvertible {
    /// The name, in the case it was sent.
    public let name: String
    /// The value.
    public let value: String

    /// A field from its parts.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// `Name: value`.
    public var description: String { "\(name): \(value)" }
}

extension [HeaderField] {
    /// The values of a field in order; the case of the name does not matter.
    public func values(_ name: String) -> [String] {
        filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// The only or first value of a field.
    public subscript(name: String) -> String? { values(name).first }
}

/// Where a message ended although it should have gone on, or what made it no message.
public enum MessageFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The connection ended in order, but inside a message.
    case truncated
    /// The connection was reset.
    case reset
    /// The bytes are not HTTP.
    case malformed(String)

    /// The fault in words.
    public var description: String {
        switch self {
        case .truncated: "the connection ended inside a message"
        case .reset: "the connection was reset"
        case .malformed(let reason): "malformed: \(reason)"
        }
    }
}

/// Start line and fields of a message.
struct MessageHead {
    let startLine: String
    let fields: [HeaderField]
    let bytes: [UInt8]
}

/// How the end of a body is found.
enum BodyLength: Equatable {
    case none
    case exactly(Int)
    case chunked
    case untilClose
}

/// Reads messages from a socket: small, strict and with nothing in common with the balancer's own parser.
final class MessageReader {
    let socket: Socket
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    private var start = 0
    private var end = 0
    /// Sees every byte as it arrives from the socket.
    var onArrival: ((UnsafeRawBufferPointer) -> Void)?

    init(_ socket: Socket) {
        self.socket = socket
    }

    var buffered: Int { end - start }

    /// Reads more; false at the end of the stream.
    func fill(until deadline: Deadline) throws -> Bool {
        if start == end {
            start = 0
            end = 0
        } else if end == buffer.count {
            if start > 0 {
                buffer.replaceSubrange(0..<(end - start), with: buffer[start..<end])
                end -= start
                start = 0
            } else {
                buffer.append(contentsOf: [UInt8](repeating: 0, count: buffer.count))
            }
        }
        let arrival = try buffer.withUnsafeMutableBytes { bytes in
            let space = UnsafeMutableRawBufferPointer(rebasing: bytes[end...])
            let arrival = try socket.receive(into: space, until: deadline)
            if case .bytes(let count) = arrival {
                onArrival?(UnsafeRawBufferPointer(rebasing: space[..<count]))
            }
            return arrival
        }
        switch arrival {
        case .bytes(let count):
            end += count
            return true
        case .end: return false
        case .reset: throw MessageFault.reset
        }
    }

    /// Hands over what is buffered, up to `limit` bytes.
    func take(upTo limit: Int = .max, _ sink: (UnsafeRawBufferPointer) throws -> Void) rethrows -> Int {
        let count = min(limit, end - start)
        guard count > 0 else { return 0 }
        try buffer.withUnsafeBytes { try sink(UnsafeRawBufferPointer(rebasing: $0[start..<start + count])) }
        start += count
        return count
    }

    private func find(_ pattern: [UInt8]) -> Int? {
        buffer.withUnsafeBytes { bytes -> Int? in
            guard let base = bytes.baseAddress else { return nil }
            var offset = start
            while end - offset >= pattern.count {
                guard let found = memchr(base + offset, Int32(pattern[0]), end - offset - pattern.count + 1)
                else {
                    return nil
                }
                offset = UnsafeRawPointer(found) - base
                if memcmp(base + offset, pattern, pattern.count) == 0 { return offset - start }
                offset += 1
            }
            return nil
        }
    }

    /// A line without its CR LF.
    private func readLine(until deadline: Deadline) throws -> [UInt8] {
        while true {
            if let length = find([13, 10]) {
                let line = Array(buffer[start..<start + length])
                start += length + 2
                guard !line.contains(10), !line.contains(13) else {
                    throw MessageFault.malformed("bare CR or LF")
                }
                return line
            }
            guard try fill(until: deadline) else { throw MessageFault.truncated }
        }
    }

    /// The next head; `nil` when the stream ends in order before its first byte.
    func readHead(until deadline: Deadline) throws -> MessageHead? {
        while buffered == 0 {
            guard try fill(until: deadline) else { return nil }
        }
        while find([13, 10, 13, 10]) == nil {
            guard try fill(until: deadline) else { throw MessageFault.truncated }
        }
        let length = (find([13, 10, 13, 10]) ?? 0) + 4
        let bytes = Array(buffer[start..<start + length])
        let startLine = String(decoding: try readLine(until: deadline), as: UTF8.self)
        let fields = try readFields(until: deadline)
        return MessageHead(startLine: startLine, fields: fields, bytes: bytes)
    }

    private func readFields(until deadline: Deadline) throws -> [HeaderField] {
        var fields: [HeaderField] = []
        while true {
            let line = try readLine(until: deadline)
            if line.isEmpty { return fields }
            guard let colon = line.firstIndex(of: 58), colon > 0 else {
                throw MessageFault.malformed("no name in \"\(String(decoding: line, as: UTF8.self))\"")
            }
            let name = String(decoding: line[..<colon], as: UTF8.self)
            guard !name.contains(where: { $0 == " " || $0 == "\t" }) else {
                throw MessageFault.malformed("white space in the name \"\(name)\"")
            }
            var value = line[(colon + 1)...]
            while let first = value.first, first == 32 || first == 9 { value.removeFirst() }
            while let last = value.last, last == 32 || last == 9 { value.removeLast() }
            fields.append(HeaderField(name, String(decoding: value, as: UTF8.self)))
        }
    }

    /// Reads a body to its end and returns its trailers.
    func readBody(
        _ length: BodyLength,
        until deadline: Deadline,
        _ sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> [HeaderField] {
        switch length {
        case .none:
            return []
        case .exactly(let count):
            try readExactly(count, until: deadline, sink)
            return []
        case .untilClose:
            repeat { while try take(sink) > 0 {} } while try fill(until: deadline)
            return []
        case .chunked:
            while true {
                let line = try readLine(until: deadline)
                let digits = line.prefix { $0 != 59 && $0 != 32 }
                guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0 else {
                    throw MessageFault.malformed("chunk size \"\(String(decoding: line, as: UTF8.self))\"")
                }
                if size == 0 { return try readFields(until: deadline) }
                try readExactly(size, until: deadline, sink)
                guard try readLine(until: deadline).isEmpty else {
                    throw MessageFault.malformed("no line end after a chunk")
                }
            }
        }
    }

    func readExactly(
        _ count: Int,
        until deadline: Deadline,
        _ sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var rest = count
        while rest > 0 {
            rest -= try take(upTo: rest, sink)
            guard rest > 0 else { return }
            guard try fill(until: deadline) else { throw MessageFault.truncated }
        }
    }
}

/// The framing a message declares for itself.
func declaredLength(_ fields: [HeaderField]) throws -> BodyLength? {
    let codings = fields.values("Transfer-Encoding")
    let lengths = fields.values("Content-Length")
    guard codings.isEmpty || lengths.isEmpty else { throw MessageFault.malformed("two framings at once") }
    if !codings.isEmpty {
        guard codings.count == 1, codings[0].lowercased() == "chunked" else {
            throw MessageFault.malformed("Transfer-Encoding: \(codings.joined(separator: ", "))")
        }
        return .chunked
    }
    guard let length = lengths.first else { return nil }
    guard lengths.count == 1, length.allSatisfy({ $0.isASCII && $0.isNumber }), let count = Int(length) else {
        throw MessageFault.malformed("Content-Length: \(lengths.joined(separator: ", "))")
    }
    return .exactly(count)
}
