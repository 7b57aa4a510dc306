package import HTTPMessages

/// Makes the ids of requests that bring none fit to be kept: 128 bits in hexadecimal, unlike any other.
///
/// Each half is a number of its own, random at the start and moved on and mixed for each id (SplitMix64), so no id asks
/// the system for anything. Within one source no id comes twice; two sources meet as rarely as two random numbers. An
/// id is not a secret: who has seen a few may work out the next.
package final class RequestIDSource {
    private var first: UInt64
    private var second: UInt64

    /// A source that begins anywhere.
    package convenience init() {
        var random = SystemRandomNumberGenerator()
        self.init(first: random.next(), second: random.next())
    }

    /// A source that begins at two given numbers.
    package init(first: UInt64, second: UInt64) {
        self.first = first
        self.second = second
    }

    /// Appends the next id, 32 digits.
    package func append(to output: ByteWriter) {
        first &+= 0x9E37_79B9_7F4A_7C15
        second &+= 0xD1B5_4A32_D192_ED03
        output.append(sixteenDigits: Self.mixed(first))
        output.append(sixteenDigits: Self.mixed(second))
    }

    /// The finishing steps of SplitMix64, which give each number another one of its own.
    private static func mixed(_ number: UInt64) -> UInt64 {
        var mixed = number ^ (number >> 30)
        mixed &*= 0xBF58_476D_1CE4_E5B9
        mixed ^= mixed >> 27
        mixed &*= 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
