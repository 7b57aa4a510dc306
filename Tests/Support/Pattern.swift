import Glibc

/// An endless, known sequence of bytes, so that gigabytes can be sent and checked without keeping them.
public enum Pattern {
    /// The sequence repeats after a prime number of bytes: a block that is lost or doubled shifts it visibly.
    static let period = 65_521

    /// Two periods, so that every slice of up to one period is contiguous.
    static let bytes: [UInt8] = {
        var state: UInt32 = 0x9E37_79B9
        let one = (0..<period).map { _ -> UInt8 in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24)
        }
        return one + one
    }()

    /// The first `count` bytes as an array, for bodies that fit in memory.
    public static func prefix(_ count: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        forEachSlice(of: count) { result.append(contentsOf: $0) }
        return result
    }

    /// Hands the first `count` bytes over in slices.
    public static func forEachSlice(
        of count: Int,
        upTo size: Int = .max,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        try bytes.withUnsafeBytes { all in
            var offset = 0
            while offset < count {
                let length = min(size, period, count - offset)
                let start = offset % period
                try body(UnsafeRawBufferPointer(rebasing: all[start..<start + length]))
                offset += length
            }
        }
    }
}

/// Compares what arrives with ``Pattern``, slice by slice.
public struct PatternChecker: Sendable {
    /// How many bytes have been seen.
    public private(set) var count = 0
    /// Where the first wrong byte may be: the offset of the slice that differed.
    public private(set) var firstDifference: Int?

    /// A checker at the start of the sequence.
    public init() {}

    /// Compares the next bytes.
    public mutating func check(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while !rest.isEmpty {
            let start = count % Pattern.period
            let length = min(rest.count, Pattern.period)
            let matches = Pattern.bytes.withUnsafeBytes { all in
                guard let expected = all.baseAddress, let actual = rest.baseAddress else { return false }
                return memcmp(expected + start, actual, length) == 0
            }
            if !matches, firstDifference == nil { firstDifference = count }
            count += length
            rest = UnsafeRawBufferPointer(rebasing: rest[length...])
        }
    }
}
