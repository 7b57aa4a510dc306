extension Span<UInt8> {
    /// Whether the bytes at `range` are `text`, which is written in lower case, in any case.
    @inline(__always)
    func equals(_ text: StaticString, ignoringCaseAt range: Range<Int>) -> Bool {
        // The other place that says `unsafe`: the pointer is to a literal, the index below its count.
        let count = text.utf8CodeUnitCount
        guard range.count == count else { return false }
        let expected = unsafe text.utf8Start
        for index in 0..<count {
            let byte = self[range.lowerBound &+ index]
            let folded = byte &- 65 < 26 ? byte | 0x20 : byte
            guard unsafe folded == expected[index] else { return false }
        }
        return true
    }

    /// Whether the token at `range` is `text`, which is written in lower case, in any case and with any mark for `-`.
    func equals(_ text: StaticString, ignoringCaseAndMarksAt range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        let expected = unsafe text.utf8Start
        for index in 0..<range.count {
            var byte = self[range.lowerBound + index]
            if Octet.isMark(byte) { byte = UInt8(ascii: "-") }
            if byte &- 65 < 26 { byte |= 0x20 }
            guard unsafe byte == expected[index] else { return false }
        }
        return true
    }

    /// Whether the bytes at `range` are `text` exactly.
    @inline(__always)
    public func equals(_ text: StaticString, at range: Range<Int>) -> Bool {
        let count = text.utf8CodeUnitCount
        guard range.count == count else { return false }
        let expected = unsafe text.utf8Start
        for index in 0..<count {
            guard unsafe self[range.lowerBound &+ index] == expected[index] else { return false }
        }
        return true
    }

    /// Whether the bytes at `first` and those of `other` at `second` are the same in any case.
    func equals(at first: Range<Int>, _ other: Span<UInt8>, ignoringCaseAt second: Range<Int>) -> Bool {
        guard first.count == second.count else { return false }
        for index in 0..<first.count {
            var left = self[first.lowerBound + index]
            var right = other[second.lowerBound + index]
            if left &- 65 < 26 { left |= 0x20 }
            if right &- 65 < 26 { right |= 0x20 }
            guard left == right else { return false }
        }
        return true
    }

    /// `range` without white space at its ends.
    @inline(__always)
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, Octet.isBlank(self[lower]) { lower += 1 }
        while lower < upper, Octet.isBlank(self[upper - 1]) { upper -= 1 }
        return lower..<upper
    }

    /// The bytes at `range` as text, for messages and logs only.
    public func text(_ range: Range<Int>) -> String {
        var bytes: [UInt8] = []
        for index in range { bytes.append(self[index]) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
