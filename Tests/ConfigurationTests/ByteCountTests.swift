import Configuration
import Testing

@Suite struct ByteCountTests {
    @Test(arguments: [
        ("0", 0), ("4096", 4_096), ("64k", 65_536), ("64K", 65_536), ("64KiB", 65_536), ("64kib", 65_536),
        ("1m", 1_048_576), ("1MiB", 1_048_576), ("1g", 1_073_741_824), ("2GiB", 2_147_483_648),
    ])
    func `reads numbers with binary units`(_ text: String, _ expected: Int) throws {
        #expect(try ByteCount(configurationText: text).bytes == expected)
    }

    @Test(arguments: [
        ("", "the size is empty; write one such as 4096, 64k or 1m"),
        ("k", "a size is a whole number with an optional unit, for example 4096, 64k or 1m"),
        ("-1", "a size is a whole number with an optional unit, for example 4096, 64k or 1m"),
        ("64KB", "\"KB\" is not a unit; the units are k, m and g, each 1024 of the one before"),
        ("64 k", "\" k\" is not a unit; the units are k, m and g, each 1024 of the one before"),
        ("1.5m", "\".5m\" is not a unit; the units are k, m and g, each 1024 of the one before"),
        ("99999999999999999999", "the size is too large to count"),
        ("9223372036854775807k", "the size is too large to count"),
    ])
    func `refuses anything else and says why`(_ text: String, _ sentence: String) {
        #expect(throws: ValueProblem.malformed(sentence)) { try ByteCount(configurationText: text) }
    }

    @Test(arguments: [
        (0, "0"), (4_097, "4097"), (4_096, "4k"), (65_536, "64k"), (1_048_576, "1m"), (1_572_864, "1536k"),
        (1 << 30, "1g"), (1 << 40, "1024g"),
    ])
    func `prints the largest unit that divides`(_ bytes: Int, _ expected: String) {
        #expect(ByteCount(bytes).description == expected)
    }
}
