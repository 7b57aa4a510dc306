import Observability
import Testing

@testable import HTTPMessages
@testable import Proxying

let testLimits = HeadLimits(maxSize: 8192, maxFields: 64)

/// The bytes of `text`, each character below U+0100 as one byte.
func wire(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
}

/// What `wire` made bytes of.
func unwire(_ bytes: some Sequence<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    for byte in bytes { text.append(Unicode.Scalar(byte)) }
    return String(text)
}

/// A request head with the bytes that its offsets lie in.
struct Request {
    let bytes: [UInt8]
    let head: RequestHead

    /// The head at the start of `bytes`, or `nil` when it is incomplete.
    init?(_ bytes: [UInt8]) throws(MessageError) {
        let head = RequestHead()
        guard let length = try head.parse(bytes.span, limits: testLimits) else { return nil }
        self.bytes = Array(bytes[..<length])
        self.head = head
    }

    func text(_ range: Range<Int>) -> String { unwire(bytes[range]) }

    func rewritten(upgrades: Bool = false) -> (bytes: [UInt8], marks: AccessLogEntry.Parts) {
        let output = ByteWriter()
        let marks = RequestRewriter.write(
            head,
            bytes.span,
            from: RequestRewriter.Origin(client: "10.0.0.9", localAuthority: "127.0.0.1:8000"),
            upgrades: upgrades,
            ids: RequestIDSource(first: 1, second: 2),
            to: output
        )
        return (output.bytes, marks)
    }
}

/// What a backend gets of the request `text`, or `nil` when that is incomplete.
func rewrite(_ text: String, upgrades: Bool = false) throws -> String? {
    try Request(wire(text)).map { unwire($0.rewritten(upgrades: upgrades).bytes) }
}

/// What the gateway adds to a request for `host`.
func forwarding(_ host: String?, via: String = "1.1") -> String {
    "X-Forwarded-For: 10.0.0.9\r\nX-Forwarded-Proto: http\r\n"
        + (host.map { "X-Forwarded-Host: \($0)\r\n" } ?? "") + "Via: \(via) swerve\r\n"
        + "X-Request-Id: \(firstID)\r\n"
}

/// The id that a request gets that brings none.
let firstID: String = {
    let output = ByteWriter()
    RequestIDSource(first: 1, second: 2).append(to: output)
    return unwire(output.bytes)
}()

/// An id for answers, and the text of an answer without its only line.
nonisolated(unsafe) let answerID: RequestIDText = {
    let output = ByteWriter()
    output.append("<an-id>")
    return RequestIDText(output, 1..<6)
}()

func withoutID(_ answer: String) -> String {
    let line = "X-Request-Id: an-id\r\n"
    let parts = answer.split(separator: line, omittingEmptySubsequences: false)
    #expect(parts.count == 2)
    return parts.joined()
}
