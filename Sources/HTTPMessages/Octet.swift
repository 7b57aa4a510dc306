/// Character classes of the message grammar (RFC 9110 §5.6, RFC 9112 §2).
enum Octet {
    static let horizontalTab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let comma = UInt8(ascii: ",")
    static let colon = UInt8(ascii: ":")

    /// Whether `byte` is a `tchar` (RFC 9110 §5.6.2), the stuff of methods and field names.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        // One bit for each ASCII code, as literals: a lazily initialised global would be checked on every byte.
        let mask: UInt64 = byte < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
        return byte < 128 && (mask >> UInt64(byte & 63)) & 1 == 1
    }

    /// Whether `byte` may stand in a field value: HTAB, SP, VCHAR or obs-text (RFC 9110 §5.5).
    @inline(__always)
    static func isFieldValue(_ byte: UInt8) -> Bool {
        (byte >= 0x20 && byte != 0x7F) || byte == horizontalTab
    }

    /// Whether each of the eight bytes of `word` is SP, VCHAR or obs-text, which a field value mostly is.
    ///
    /// The first term has a high bit for each byte below 0x20, the second one for each byte that is 0x7F; bits above the
    /// lowest of them may be wrong, which changes nothing.
    @inline(__always)
    static func areVisible(_ word: UInt64) -> Bool {
        let deletes = word ^ 0x7F7F_7F7F_7F7F_7F7F
        let low = (word &- 0x2020_2020_2020_2020) & ~word
        let delete = (deletes &- 0x0101_0101_0101_0101) & ~deletes
        return (low | delete) & 0x8080_8080_8080_8080 == 0
    }

    /// Whether `byte` is optional white space (RFC 9110 §5.6.3).
    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool {
        byte == space || byte == horizontalTab
    }

    /// Whether `byte` may stand in a request target: a visible ASCII character other than `#`.
    ///
    /// A fragment is never sent (RFC 9112 §3.2), and anything beyond ASCII must be percent-encoded.
    @inline(__always)
    static func isTarget(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#")
    }

    /// Whether `byte` may stand in a token and is neither a letter nor a digit.
    @inline(__always)
    static func isMark(_ byte: UInt8) -> Bool {
        isToken(byte) && !isDigit(byte) && (byte | 0x20) &- 97 >= 26
    }

    /// Whether `byte` is an ASCII digit.
    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool {
        byte &- 48 < 10
    }

    /// The value of a hexadecimal digit, or `nil`.
    @inline(__always)
    static func hexValue(_ byte: UInt8) -> Int? {
        switch byte {
        case 48...57: Int(byte) - 48
        case 65...70: Int(byte) - 55
        case 97...102: Int(byte) - 87
        default: nil
        }
    }
}
