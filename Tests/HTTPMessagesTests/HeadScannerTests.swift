import Testing

@testable import HTTPMessages

@Suite struct HeadScannerTests {
    @Test(arguments: validRequests)
    func `a head is worth parsing by the time it is complete, wherever it is cut`(_ text: String) {
        let bytes = wire(text)
        for first in 0..<bytes.count {
            for second in first..<bytes.count {
                var scanner = HeadScanner()
                let early = [first, second].contains { scanner.isWorthParsing(bytes.span.extracting(0..<$0)) }
                // Nothing is wrong with the head, so nothing short of its end is worth a look.
                if early { Issue.record("worth parsing at \(first) or \(second)") }
                if !scanner.isWorthParsing(bytes.span) {
                    Issue.record("missed with cuts \(first), \(second)")
                }
            }
        }
    }

    @Test(arguments: validRequests)
    func `a head that drips in is worth parsing once, at its last byte`(_ text: String) {
        let bytes = wire(text)
        var scanner = HeadScanner()
        let worth = (1...bytes.count).filter { scanner.isWorthParsing(bytes.span.extracting(0..<$0)) }
        #expect(worth == [bytes.count])
    }

    @Test(arguments: ["GET / HTTP/1.1\n", "\n", "GET / HTTP/1.1\r\nX: y\n", "a\n\n"])
    func `a line end that no head may have is worth parsing`(_ text: String) {
        let bytes = wire(text)
        var scanner = HeadScanner()
        for count in 0..<bytes.count { _ = scanner.isWorthParsing(bytes.span.extracting(0..<count)) }
        let isWorth = scanner.isWorthParsing(bytes.span)
        #expect(isWorth)
    }

    @Test func `bytes that were looked at are not looked at again`() {
        var scanner = HeadScanner()
        func isWorth(_ text: String) -> Bool { scanner.isWorthParsing(wire(text).span) }
        #expect(scanner.isFresh)
        #expect(isWorth("GET / HTTP/1.1\r\n") == false)
        #expect(!scanner.isFresh)
        // Other bytes in the place of those seen: whoever looks at them finds the empty line.
        #expect(isWorth("GET / HTTP\r\n\r\n\r\nX") == false)
        scanner.reset()
        #expect(scanner.isFresh)
        #expect(isWorth("GET / HTTP\r\n\r\n\r\nX"))
    }
}
