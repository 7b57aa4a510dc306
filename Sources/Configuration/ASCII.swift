/// Byte classes of the grammars this target reads; Unicode's own classes would let look-alikes through.
extension UInt8 {
    var isASCIIDigit: Bool { self >= 0x30 && self <= 0x39 }

    var isASCIIUppercase: Bool { self >= 0x41 && self <= 0x5A }

    var isASCIILowercase: Bool { self >= 0x61 && self <= 0x7A }

    var isASCIILetter: Bool { isASCIIUppercase || isASCIILowercase }

    var isASCIIHexDigit: Bool {
        isASCIIDigit || (self >= 0x41 && self <= 0x46) || (self >= 0x61 && self <= 0x66)
    }

    /// Printable and not a space (`VCHAR`, RFC 5234 appendix B.1).
    var isVisibleASCII: Bool { self >= 0x21 && self <= 0x7E }

    /// May stand in a token, such as a method (`tchar`, RFC 9110 section 5.6.2).
    var isTokenByte: Bool {
        isASCIIDigit || isASCIILetter || "!#$%&'*+-.^_`|~".utf8.contains(self)
    }
}

extension StringProtocol {
    /// Not empty and made of the digits 0 to 9 alone.
    var isASCIIDigits: Bool { !isEmpty && utf8.allSatisfy(\.isASCIIDigit) }

    /// Everything in front of the first byte for which `isMember` is false.
    func prefix(whileBytes isMember: (UInt8) -> Bool) -> SubSequence {
        self[..<(utf8.firstIndex { !isMember($0) } ?? endIndex)]
    }
}
