import Testing

@testable import HTTPMessages

@Suite struct ByteWriterTests {
    private func written(_ body: (ByteWriter) -> Void) -> String {
        let writer = ByteWriter()
        body(writer)
        return unwire(writer.bytes)
    }

    @Test(arguments: [0, 1, 9, 10, 15, 16, 99, 100, 255, 256, 65_535, 65_536, 4_294_967_296, .max - 1, .max])
    func `numbers are written without leading zeros`(_ value: Int) {
        #expect(written { $0.append(decimal: value) } == String(value))
        #expect(written { $0.append(hexadecimal: value) } == String(value, radix: 16))
    }

    @Test func `every power of ten and of sixteen and its neighbours are written right`() {
        for radix in [10, 16] {
            var power = 1
            while power <= Int.max / radix {
                for value in [power - 1, power, power + 1] {
                    #expect(written { $0.append(decimal: value) } == String(value))
                    #expect(written { $0.append(hexadecimal: value) } == String(value, radix: 16))
                }
                power *= radix
            }
        }
    }

    @Test(arguments: [-1, .min])
    func `a negative number is written as zero`(_ value: Int) {
        #expect(written { $0.append(decimal: value) } == "0")
        #expect(written { $0.append(hexadecimal: value) } == "0")
    }

    @Test func `pieces are written one behind the other`() {
        let bytes = wire("0123456789")
        let other = ByteWriter(capacity: 8)
        other.append("abcdef")
        let text = written {
            $0.append(UInt8(ascii: "<"))
            $0.append(bytes.span)
            $0.append(bytes.span, 2..<4)
            $0.append(bytes.span, 5..<5)
            $0.append(other)
            $0.append(other, from: 4)
            $0.append(other, from: 6)
            $0.append(text: "é")
            $0.append(">")
        }
        #expect(text == "<012345678923abcdefef\u{c3}\u{a9}>")
    }

    @Test func `bytes are dropped from either end`() {
        let writer = ByteWriter()
        writer.append("abcdef")
        writer.removeFirst(2)
        writer.truncate(to: 3)
        #expect(unwire(writer.bytes) == "cde" && writer.count == 3 && !writer.isEmpty)
        writer.removeFirst(0)
        writer.truncate(to: 3)
        #expect(unwire(writer.bytes) == "cde")
        writer.removeFirst(3)
        #expect(writer.isEmpty)
    }

    @Test func `clearing keeps the memory unless it grew too large`() {
        let writer = ByteWriter(capacity: 4096)
        writer.append("abc")
        writer.clear()
        #expect(writer.isEmpty && writer.storage.count >= 4096)
        writer.append("abc")
        writer.clear(keepingAtMost: 64)
        #expect(writer.isEmpty && writer.storage.count <= 64)
    }
}

@Suite struct HTTPDateTests {
    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (59, "Thu, 01 Jan 1970 00:00:59 GMT"),
        (86_399, "Thu, 01 Jan 1970 23:59:59 GMT"), (68_169_600, "Tue, 29 Feb 1972 00:00:00 GMT"),
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (946_684_799, "Fri, 31 Dec 1999 23:59:59 GMT"),
        (946_684_800, "Sat, 01 Jan 2000 00:00:00 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"), (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
        (2_147_483_647, "Tue, 19 Jan 2038 03:14:07 GMT"), (2_147_483_648, "Tue, 19 Jan 2038 03:14:08 GMT"),
        (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ])
    func `a known second has its known date`(_ seconds: Int, _ date: String) {
        let writer = ByteWriter()
        HTTPDate.write(seconds, to: writer)
        #expect(unwire(writer.bytes) == date)
    }

    @Test func `every day to the end of 2100 follows the one before it`() {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        var (year, month, day) = (1970, 0, 1)
        let writer = ByteWriter()
        for index in 0..<47_847 {
            writer.clear()
            HTTPDate.write(index * 86_400 + 43_200, to: writer)
            let expected =
                "\(days[index % 7]), \(day < 10 ? "0" : "")\(day) \(months[month]) \(year) 12:00:00 GMT"
            if !writer.bytes.elementsEqual(expected.utf8) { Issue.record("\(expected)") }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let length = month == 1 ? (isLeap ? 29 : 28) : [3, 5, 8, 10].contains(month) ? 30 : 31
            day += 1
            if day > length { (month, day) = (month + 1, 1) }
            if month == 12 { (year, month) = (year + 1, 0) }
        }
    }
}
