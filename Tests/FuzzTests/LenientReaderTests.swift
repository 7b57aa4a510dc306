import Testing

@testable import MessageFuzz

/// The careless readers have to fall for what is known to split messages; otherwise their agreement says nothing.
@Suite struct LenientReaderTests {
    private static let start = "POST / HTTP/1.1\r\nHost: h\r\n"

    private func read(_ text: String, _ body: LenientReader.Body = .request) throws -> LenientReader.Reading {
        try LenientReader.read(Array(text.utf8), body)
    }

    @Test(arguments: [
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "Content-Length: 5, 6\r\n\r\n",
        "Content-Length: 010\r\n\r\n", "Content-Length: 0x5\r\n\r\n", "Content-Length: +5\r\n\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "Transfer-Encoding: xchunked\r\n\r\n",
        "Transfer-Encoding: \u{b}chunked\r\n\r\n", "Content-Length : 5\r\n\r\n", "Content_Length: 5\r\n\r\n",
        "Transfer_Encoding: chunked\r\n\r\n", "A: b\nContent-Length: 5\r\n\r\n",
        "A: b\rContent-Length: 5\r\n\r\n", "A: b\r\n Content-Length: 5\r\n\r\n",
        "A: b\n\nGET / HTTP/1.1\r\n\r\n",
        "Content-Length: 5\r\n 0\r\n\r\n", "\u{1}Content-Length: 5\r\n\r\n",
    ])
    func `a head that has split requests is ambiguous`(_ fields: String) {
        #expect(throws: Finding.self) { try read(Self.start + fields) }
    }

    @Test(arguments: [
        "0x5\r\nhello\r\n0\r\n\r\n", "100000005\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n",
        "5\nhello\n0\n\n",
        "5;a\nb\r\nhello\r\n0\r\n\r\n", "5\r\nhello, 3\r\nabc\r\n0\r\n\r\n",
    ])
    func `a body that has split requests is ambiguous`(_ chunks: String) {
        #expect(throws: Finding.self) { try read("\(Self.start)Transfer-Encoding: chunked\r\n\r\n\(chunks)") }
    }

    @Test func `a plain message is not`() throws {
        let head = "\(Self.start)Content-Length: 5\r\n\r\n"
        let end = head.utf8.count
        #expect(try read("\(head)helloGET") == .message(body: Array("hello".utf8), end: end + 5))
        #expect(try read("\(head)hell") == .incomplete)
        #expect(try read(head, .none) == .message(body: [], end: end))
        let bare = "HTTP/1.1 200 OK\r\n\r\n"
        #expect(try read("\(bare)hello", .response) == .message(body: Array("hello".utf8), end: 24))
        let chunked = "\(Self.start)Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n"
        #expect(try read("\(chunked)G") == .message(body: Array("hello".utf8), end: chunked.utf8.count))
        #expect(try read(String(chunked.dropLast())) == .incomplete)
    }
}
