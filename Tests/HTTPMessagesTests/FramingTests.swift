import Testing

@testable import HTTPMessages

@Suite struct FramingTests {
    @Test(arguments: [
        ("", BodyFraming.none, false), ("Content-Length: 0\r\n", .none, true),
        ("Content-Length: 000\r\n", .none, true), ("Content-Length: 3\r\n", .length(3), true),
        ("Content-Length:\t003 \r\n", .length(3), true),
        ("content-length: 9223372036854775807\r\n", .length(.max), true),
        ("Transfer-Encoding: chunked\r\n", .chunked, false),
        ("transfer-encoding:CHUNKED\r\n", .chunked, false),
        ("Transfer-Encoding: , \t,chunked ,\r\n", .chunked, false),
        ("TE: chunked\r\n", .none, false), ("Content-Lengths: 3\r\n", .none, false),
        ("X-Transfer-Encoding: chunked\r\n", .none, false),
    ])
    func `a request has the body that its fields say`(
        _ fields: String,
        _ framing: BodyFraming,
        _ declares: Bool
    ) throws {
        for method in ["GET", "HEAD", "POST", "TRACE", "OPTIONS", "DELETE", "CONNECT", "X"] {
            let text = "\(method) / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
            let parsed = try #require(try parseRequest(text))
            #expect(parsed.head.framing == framing)
            #expect(parsed.head.declaresLength == declares)
        }
    }

    @Test(arguments: [
        (200, "", BodyFraming.untilClose), (200, "Content-Length: 0\r\n", .none),
        (200, "Content-Length: 7\r\n", .length(7)), (404, "Transfer-Encoding: chunked\r\n", .chunked),
        (205, "", .untilClose),
    ])
    func `a response has the body that its fields say, else all there is`(
        _ status: Int,
        _ fields: String,
        _ framing: BodyFraming
    ) throws {
        let parsed = try #require(try parseResponse("HTTP/1.1 \(status) X\r\n\(fields)\r\n"))
        for method in [RequestMethod.idempotent, .other] {
            #expect(parsed.head.framing(answering: method) == framing)
        }
        #expect(parsed.head.framing(answering: .head) == .none)
    }

    @Test(arguments: [100, 101, 103, 199, 204, 304])
    func `a response that cannot have a body has none whatever it says`(_ status: Int) throws {
        for fields in ["", "Content-Length: 7\r\n", "Transfer-Encoding: chunked\r\n"] {
            let parsed = try #require(try parseResponse("HTTP/1.1 \(status) X\r\n\(fields)\r\n"))
            for method in [RequestMethod.head, .idempotent, .other] {
                #expect(parsed.head.framing(answering: method) == .none)
            }
        }
    }

    @Test func `an HTTP 1.0 response is framed by length or by its end`() throws {
        let bare = try #require(try parseResponse("HTTP/1.0 200 OK\r\n\r\n"))
        #expect(bare.head.framing(answering: .other) == .untilClose)
        let long = try #require(try parseResponse("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n"))
        #expect(long.head.framing(answering: .other) == .length(2))
        #expect(long.head.declaredLength == 2)
    }
}

@Suite struct ConnectionOptionsTests {
    private func options(_ fields: String) throws -> (ConnectionOptions, [String]) {
        let parsed = try #require(try parseRequest("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"))
        return (parsed.head.connection, parsed.head.connection.nominated.map { parsed.text($0) })
    }

    @Test(arguments: [
        ("", false, false, false, []), ("close", true, false, false, []),
        ("CLOSE , Keep-Alive", true, true, false, []), ("\tupgrade\t,,", false, false, true, []),
        ("x, close,Y", true, false, false, ["x", "Y"]), ("closed", false, false, false, ["closed"]),
        ("TE, Upgrade", false, false, true, ["TE"]), (", ,", false, false, false, []),
    ])
    func `three options mean something and the others name fields`(
        _ value: String,
        _ close: Bool,
        _ keepAlive: Bool,
        _ upgrade: Bool,
        _ nominated: [String]
    ) throws {
        let (options, names) = try options("Connection: \(value)\r\n")
        #expect(options.close == close)
        #expect(options.keepAlive == keepAlive)
        #expect(options.upgrade == upgrade)
        #expect(names == nominated)
    }

    @Test func `several Connection fields make one list`() throws {
        let (options, names) = try options("Connection: a\r\nX: y\r\nCONNECTION: close, b\r\n")
        #expect(options.close)
        #expect(names == ["a", "b"])
    }

    @Test func `a field is nominated in any case and by its whole name`() throws {
        let text =
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: x-SECRET\r\nX-Secret: 1\r\nX-Secrets: 2\r\n"
            + "X-: 3\r\n\r\n"
        let parsed = try #require(try parseRequest(text))
        let nominated = parsed.head.fields.lines
            .filter { parsed.head.connection.nominates(parsed.bytes.span, $0.nameRange) }
            .map { parsed.text($0.nameRange) }
        #expect(nominated == ["X-Secret"])
    }
}
