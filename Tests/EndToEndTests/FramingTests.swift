import TestSupport
import Testing

/// Bodies arrive whole and framed in exactly one way, in both directions.
@Suite struct FramingTests {
    static let sizes = [0, 1, 65_535, 1 << 20]

    /// Cuts a body into chunks of growing size.
    private static func chunked(_ body: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = body[...]
        var size = 1
        while !rest.isEmpty {
            let piece = rest.prefix(size)
            result += Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [13, 10]
            rest = rest.dropFirst(size)
            size = min(size * 3, 100_000)
        }
        return result + Array("0\r\n\r\n".utf8)
    }

    @Test(arguments: sizes, [false, true])
    func `a request's body arrives whole and as it was framed`(_ size: Int, _ isChunked: Bool) throws {
        let origin = try Origin.ok()
        let body = Pattern.prefix(size)
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(size)"
            try client.send(
                Array(requestText("POST", "/", [framing]).utf8) + (isChunked ? Self.chunked(body) : body)
            )
            #expect(try client.readResponse(to: "POST").status == 200)
        }
        let request = try #require(origin.requests.first)
        #expect(request.body == body)
        #expect(request.values("Transfer-Encoding") == (isChunked ? ["chunked"] : []))
        #expect(request.values("Content-Length") == (isChunked ? [] : ["\(size)"]))
    }

    @Test(arguments: sizes, [false, true])
    func `an answer's body arrives whole and as it was framed`(_ size: Int, _ isChunked: Bool) throws {
        let body = Pattern.prefix(size)
        let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(size)"
        let sent =
            Array("HTTP/1.1 200 OK\r\n\(framing)\r\n\r\n".utf8) + (isChunked ? Self.chunked(body) : body)
        let origin = try ScriptedPeer { _ in [.bytes(sent)] }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            for _ in 0..<2 {
                let response = try client.exchange(plainRequest)
                #expect(response.body == body)
                #expect(response.values("Transfer-Encoding") == (isChunked ? ["chunked"] : []))
                #expect(response.values("Content-Length") == (isChunked ? [] : ["\(size)"]))
            }
        }
    }

    @Test(arguments: sizes)
    func `an answer that ends with its connection comes in chunks`(_ size: Int) throws {
        let body = Pattern.prefix(size)
        let origin = try ScriptedPeer { _ in [.send("HTTP/1.1 200 OK\r\n\r\n"), .bytes(body), .close] }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            for _ in 0..<2 {
                let response = try client.exchange(plainRequest)
                #expect(response.body == body)
                #expect(response.isChunked)
            }
        }
    }

    @Test func `a trailer of a request that Connection lists does not pass`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin) { balancer throws in
            let head = requestText("POST", "/", ["Transfer-Encoding: chunked", "Connection: x-a, X-B"])
            let body = chunks("hello") + "0\r\nX-A: 1\r\nSum: 5\r\nx-b: 2\r\n\r\n"
            #expect(try balancer.exchange(head + body).status == 200)
        }
        #expect(origin.requests.first?.trailers == [HeaderField("Sum", "5")])
    }

    @Test func `an answer in pieces of one byte is the same answer`() throws {
        let head = "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
        let text = head + chunks("hello", "you") + "0\r\nSum: 8\r\n\r\n"
        let origin = try ScriptedPeer { _ in text.utf8.map { .bytes([$0]) } }
        try withBalancer(origin) { balancer throws in
            let response = try balancer.get()
            #expect(response.values("X-A") == ["1"])
            #expect(response.text == "helloyou")
            #expect(response.trailers == [HeaderField("Sum", "8")])
        }
    }
}
