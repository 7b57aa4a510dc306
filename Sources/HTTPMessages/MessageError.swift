/// Why a message is refused.
///
/// Each reason has a status for the client (for a response, the status is always 502), a short label that is
/// safe to count by, and a sentence.
public enum MessageError: Error, Sendable, Equatable, CaseIterable {
    case badRequestLine
    case badTarget
    case targetTooLong
    case badVersion
    case unsupportedVersion
    case badStatusLine
    case badFieldName
    case badFieldValue
    case foldedField
    case badLineEnd
    case headTooLarge
    case tooManyFields
    case lookAlikeField
    case missingHost
    case badHost
    case badConnection
    case badContentLength
    case badTransferEncoding
    case unknownTransferCoding
    case conflictingFraming
    case unknownExpectation
    case badMaxForwards
    case badChunk
    case bodyTooLarge

    /// The status that tells the client (RFC 9110 §15.5, RFC 6585 §5).
    public var status: Int {
        switch self {
        case .targetTooLong: 414
        case .unsupportedVersion: 505
        case .headTooLarge, .tooManyFields: 431
        case .unknownTransferCoding: 501
        case .bodyTooLarge: 413
        case .unknownExpectation: 417
        case .badRequestLine, .badTarget, .badVersion, .badStatusLine, .badFieldName, .badFieldValue,
            .foldedField, .badLineEnd, .missingHost, .badHost, .badConnection, .badContentLength,
            .badTransferEncoding, .conflictingFraming, .lookAlikeField, .badMaxForwards, .badChunk:
            400
        }
    }

    /// One sentence for the body of the refusal and for the log.
    public var sentence: StaticString {
        switch self {
        case .badRequestLine: "The request line is not METHOD SP target SP HTTP/1.1."
        case .badTarget: "The request target is malformed."
        case .targetTooLong: "The request target is too long."
        case .badVersion: "The protocol version is malformed."
        case .unsupportedVersion: "Only HTTP/1.0 and HTTP/1.1 are spoken here."
        case .badStatusLine: "The status line is malformed."
        case .badFieldName: "A field name is malformed."
        case .badFieldValue: "A field value holds a forbidden byte."
        case .foldedField: "A field line begins with white space."
        case .badLineEnd: "A line does not end with CR LF."
        case .headTooLarge: "The head is too large."
        case .tooManyFields: "The head has too many fields."
        case .lookAlikeField: "A field name resembles Content-Length or Transfer-Encoding."
        case .missingHost: "The Host field is missing."
        case .badHost: "The Host field is malformed or repeated."
        case .badConnection: "The Connection field is malformed."
        case .badContentLength: "The Content-Length field is malformed or repeated."
        case .badTransferEncoding: "The Transfer-Encoding is not exactly one final chunked."
        case .unknownTransferCoding: "The transfer coding is not known here."
        case .conflictingFraming:
            "Transfer-Encoding and Content-Length exclude each other, and HTTP/1.0 has only the latter."
        case .unknownExpectation: "The only expectation known here is one 100-continue."
        case .badMaxForwards: "The Max-Forwards field is malformed or repeated."
        case .badChunk: "The chunked body is malformed."
        case .bodyTooLarge: "The body is too large."
        }
    }
}
