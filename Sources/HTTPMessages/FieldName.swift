/// The field names that mean something to a gateway; every other one just passes.
public enum FieldName: UInt8, Sendable {
    case other
    case connection
    case contentLength
    case date
    case expect
    case forwarded
    /// No framing field, but taken for one wherever marks are taken for dashes.
    case framingLookAlike
    case host
    case idempotencyKey
    case keepAlive
    case maxForwards
    case proxy
    case proxyAuthenticate
    case proxyAuthorization
    case proxyConnection
    case referer
    case te
    case trailer
    case transferEncoding
    case upgrade
    case userAgent
    case xForwarded
    case xRealIP
    case xRequestID

    /// Recognises the name at `range` in any case, by its length and then its bytes.
    static func recognise(_ bytes: Span<UInt8>, _ range: Range<Int>) -> FieldName {
        @inline(__always)
        func matches(_ text: StaticString) -> Bool { bytes.equals(text, ignoringCaseAt: range) }
        switch range.count {
        case 2: return matches("te") ? .te : .other
        case 4: return matches("host") ? .host : matches("date") ? .date : .other
        case 5: return matches("proxy") ? .proxy : .other
        case 6: return matches("expect") ? .expect : .other
        case 7:
            return matches("upgrade")
                ? .upgrade : matches("trailer") ? .trailer : matches("referer") ? .referer : .other
        case 9:
            return matches("forwarded")
                ? .forwarded
                : bytes.equals("x-real-ip", ignoringCaseAndMarksAt: range) ? .xRealIP : .other
        case 10:
            return matches("connection")
                ? .connection
                : matches("user-agent") ? .userAgent : matches("keep-alive") ? .keepAlive : .other
        case 14:
            if matches("content-length") { return .contentLength }
            let isLookAlike = bytes.equals("content-length", ignoringCaseAndMarksAt: range)
            return isLookAlike ? .framingLookAlike : recogniseForwarded(bytes, range)
        case 15: return matches("idempotency-key") ? .idempotencyKey : recogniseForwarded(bytes, range)
        case 16: return matches("proxy-connection") ? .proxyConnection : recogniseForwarded(bytes, range)
        case 17:
            if matches("transfer-encoding") { return .transferEncoding }
            let isLookAlike = bytes.equals("transfer-encoding", ignoringCaseAndMarksAt: range)
            return isLookAlike ? .framingLookAlike : recogniseForwarded(bytes, range)
        case 18: return matches("proxy-authenticate") ? .proxyAuthenticate : recogniseForwarded(bytes, range)
        case 19:
            return matches("proxy-authorization") ? .proxyAuthorization : recogniseForwarded(bytes, range)
        case 12:
            if matches("max-forwards") { return .maxForwards }
            return bytes.equals("x-request-id", ignoringCaseAndMarksAt: range)
                ? .xRequestID : recogniseForwarded(bytes, range)
        case 13...: return recogniseForwarded(bytes, range)
        default: return .other
        }
    }

    /// `X-Forwarded-` with anything after it: all of them claim something about the client.
    ///
    /// Many an application reads `X_Forwarded_For`, or even `X.Forwarded.For`, as the same field (RFC 3875 §4.1.18), so
    /// they count as the same one.
    private static func recogniseForwarded(_ bytes: Span<UInt8>, _ range: Range<Int>) -> FieldName {
        guard range.count >= 12, bytes[range.lowerBound] | 0x20 == UInt8(ascii: "x") else { return .other }
        let prefix = range.lowerBound..<range.lowerBound + 12
        return bytes.equals("x-forwarded-", ignoringCaseAndMarksAt: prefix) ? .xForwarded : .other
    }
}
