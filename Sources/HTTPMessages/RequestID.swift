/// The id that a request carries from the client to the log of its backend (`X-Request-Id`).
public enum RequestID {
    /// The most bytes of an id that is kept.
    public static let maxLength = 128

    /// Whether an id of a client may be kept: 1 to 128 visible ASCII characters, none of which quotes, separates or
    /// escapes anything in a header field, a log or a page.
    public static func isFit(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty, range.count <= maxLength else { return false }
        for index in range where !isFit(bytes[index]) { return false }
        return true
    }

    /// A visible character other than `"`, `'`, `,`, `;`, `<`, `>`, `\` and `` ` ``.
    @inline(__always)
    private static func isFit(_ byte: UInt8) -> Bool {
        let mask: UInt64 = byte < 64 ? 0xA7FF_EF7A_0000_0000 : 0x7FFF_FFFE_EFFF_FFFF
        return byte < 128 && (mask >> UInt64(byte & 63)) & 1 == 1
    }
}

extension ByteWriter {
    /// Appends a number in sixteen lower-case hexadecimal digits.
    public func append(sixteenDigits value: UInt64) {
        let high = Self.digits(of: UInt32(truncatingIfNeeded: value >> 32))
        let low = Self.digits(of: UInt32(truncatingIfNeeded: value))
        let text = InlineArray<16, UInt8> { index in
            UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> (UInt64(index & 7) * 8))
        }
        append(text.span)
    }

    /// Eight digits at once, the first one in the lowest byte: each half byte gets a byte, and those above 9 the
    /// distance from `:` to `a`.
    private static func digits(of value: UInt32) -> UInt64 {
        var digits = UInt64(value)
        digits = spread(digits, by: 16, 0x0000_0000_0000_FFFF)
        digits = spread(digits, by: 8, 0x0000_00FF_0000_00FF)
        digits = spread(digits, by: 4, 0x000F_000F_000F_000F)
        let carries = (digits &+ 0x0606_0606_0606_0606) >> 4
        let beyondNine = carries & 0x0101_0101_0101_0101
        return digits &+ 0x3030_3030_3030_3030 &+ beyondNine &* 39
    }

    /// Moves the upper half of each group of `2 * width` bits to the lower half of twice as wide a group, and the
    /// lower half behind it.
    private static func spread(_ bits: UInt64, by width: UInt64, _ lower: UInt64) -> UInt64 {
        let first = (bits >> width) & lower
        let second = bits & lower
        return first | (second << (2 * width))
    }
}
