@testable import HTTPMessages

/// Small limits, so that a test of them stays readable.
let smallLimits = HeadLimits(maxSize: 2048, maxFields: 16, maxTarget: 256)

/// The bytes of `text`, each character below U+0100 as one byte, so that text can hold what is not UTF-8.
func wire(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
}

/// What `wire` made bytes of.
func unwire(_ bytes: some Sequence<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    for byte in bytes { text.append(Unicode.Scalar(byte)) }
    return String(text)
}

/// A head that was parsed, with the bytes that its offsets lie in.
struct Parsed<Head> {
    let bytes: [UInt8]
    let head: Head
    let length: Int

    func text(_ range: Range<Int>) -> String { unwire(bytes[range]) }
    func text(_ range: Range<Int>?) -> String? { range.map { text($0) } }
}

/// A request head that needs no more bytes than `text`, or `nil` when it does.
func parseRequest(
    _ text: String,
    limits: HeadLimits = smallLimits
) throws(MessageError) -> Parsed<RequestHead>? {
    let bytes = wire(text)
    let head = RequestHead()
    let length = try head.parse(bytes.span, limits: limits)
    return length.map { Parsed(bytes: bytes, head: head, length: $0) }
}

/// A response head that needs no more bytes than `text`, or `nil` when it does.
func parseResponse(
    _ text: String,
    limits: HeadLimits = smallLimits
) throws(MessageError) -> Parsed<ResponseHead>? {
    let bytes = wire(text)
    let head = ResponseHead()
    let length = try head.parse(bytes.span, limits: limits)
    return length.map { Parsed(bytes: bytes, head: head, length: $0) }
}

/// Why a request head is refused, or `nil` when it is not.
func requestRefusal(_ text: String) -> MessageError? {
    do {
        _ = try parseRequest(text)
        return nil
    } catch {
        return error
    }
}

/// Why a response head is refused, or `nil` when it is not.
func responseRefusal(_ text: String) -> MessageError? {
    do {
        _ = try parseResponse(text)
        return nil
    } catch {
        return error
    }
}

extension Parsed<RequestHead> {
    var lines: [[String]] { head.fields.lines.map { [text($0.nameRange), text($0.valueRange)] } }
}

extension Parsed<ResponseHead> {
    var lines: [[String]] { head.fields.lines.map { [text($0.nameRange), text($0.valueRange)] } }
}
