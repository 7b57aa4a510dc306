import Testing

@testable import HTTPMessages
@testable import Proxying

@Suite struct ResponseRewriterTests {
    private static let second = 784_111_777
    private static let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

    private func plan(
        _ framing: BodyFraming,
        closes: Bool = false,
        announcesKeepAlive: Bool = false,
        upgrades: Bool = false
    ) -> ResponseRewriter.Plan {
        ResponseRewriter.Plan(
            framing: framing,
            closes: closes,
            announcesKeepAlive: announcesKeepAlive,
            upgrades: upgrades,
            wallSeconds: Self.second
        )
    }

    private func rewrite(_ text: String, _ plan: ResponseRewriter.Plan) throws -> String {
        let bytes = wire(text)
        let head = ResponseHead()
        #expect(try head.parse(bytes.span, limits: testLimits) == bytes.count)
        let output = ByteWriter()
        ResponseRewriter.write(head, bytes.span, plan: plan, id: answerID, to: output)
        return withoutID(unwire(output.bytes))
    }

    @Test func `fields keep order, case and repetition`() throws {
        let fields = "Set-Cookie: a\r\nserver: x\r\nDATE: d\r\nSet-Cookie: b\r\nX: \u{e9} \t.\r\nE: \r\n"
        #expect(
            try rewrite("HTTP/1.0 299 So \u{e9}\r\n\(fields)\r\n", plan(.untilClose))
                == "HTTP/1.1 299 So \u{e9}\r\n\(fields)Via: 1.1 swerve\r\n\r\n"
        )
    }

    @Test func `white space around values becomes one space and a lacking reason stays empty`() throws {
        #expect(
            try rewrite("HTTP/1.1 200\r\nA:1\r\nDate: d\r\nB:\t2 \r\nC:\r\nD: 4\r\n\r\n", plan(.untilClose))
                == "HTTP/1.1 200 \r\nA: 1\r\nDate: d\r\nB: 2\r\nC: \r\nD: 4\r\nVia: 1.1 swerve\r\n\r\n"
        )
    }

    @Test(arguments: [
        "Connection: close", "Keep-Alive: timeout=5", "Proxy-Connection: close", "Proxy-Authenticate: Basic",
        "TE: x", "Upgrade: h2c", "Transfer-Encoding: chunked", "Content-Length: 7",
        "Connection: X-Secret\r\nX-Secret: 1\r\nx-secret: 2", "X-Secret: 1\r\nConnection: close, x-secret",
    ])
    func `what ends here or is nominated goes, wherever it stands`(_ fields: String) throws {
        for text in [
            "\(fields)\r\nDate: d\r\nA: 1\r\n", "Date: d\r\n\(fields)\r\nA: 1\r\n",
            "Date: d\r\nA: 1\r\n\(fields)\r\n",
        ] {
            #expect(
                try rewrite("HTTP/1.1 200 OK\r\n\(text)\r\n", plan(.chunked))
                    == "HTTP/1.1 200 OK\r\nDate: d\r\nA: 1\r\nVia: 1.1 swerve\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n"
            )
        }
    }

    @Test(arguments: ["Via", "Content-Length", "Transfer-Encoding", "Connection", "Date"])
    func `no Connection field removes what the gateway writes`(_ option: String) throws {
        #expect(
            try rewrite("HTTP/1.1 200 OK\r\nConnection: \(option)\r\n\r\n", plan(.length(7), closes: true))
                == "HTTP/1.1 200 OK\r\n\(Self.date)Via: 1.1 swerve\r\nContent-Length: 7\r\n"
                + "Connection: close\r\n\r\n"
        )
    }

    @Test func `no Connection field leaves an answer without a date`() throws {
        #expect(
            try rewrite("HTTP/1.1 200 OK\r\nConnection: date\r\nDate: d\r\n\r\n", plan(.length(7)))
                == "HTTP/1.1 200 OK\r\nDate: d\r\nVia: 1.1 swerve\r\nContent-Length: 7\r\n\r\n"
        )
    }

    @Test func `a date is written for an answer without one`() throws {
        #expect(
            try rewrite("HTTP/1.1 404 No\r\nA: 1\r\n\r\n", plan(.untilClose))
                == "HTTP/1.1 404 No\r\nA: 1\r\n\(Self.date)Via: 1.1 swerve\r\n\r\n"
        )
    }

    @Test(arguments: [
        (200, "Content-Length: 0", BodyFraming.none, "Content-Length: 0\r\n"),
        (200, "Content-Length: 7", .length(7), "Content-Length: 7\r\n"),
        (200, "Content-Length: 007", .none, "Content-Length: 7\r\n"),
        (304, "Content-Length: 7", .none, "Content-Length: 7\r\n"), (304, "A: 1", .none, ""),
        (204, "Content-Length: 0", .none, ""), (200, "Transfer-Encoding: chunked", .none, ""),
        (200, "Transfer-Encoding: chunked", .chunked, "Transfer-Encoding: chunked\r\n"),
        (200, "Transfer-Encoding: chunked", .untilClose, ""),
        (200, "A: 1", .chunked, "Transfer-Encoding: chunked\r\n"),
        (200, "A: 1", .untilClose, ""),
    ])
    func `the framing is the plan's, and a bodiless answer keeps its length where it may`(
        _ status: Int,
        _ field: String,
        _ framing: BodyFraming,
        _ expected: String
    ) throws {
        let text = "HTTP/1.1 \(status) X\r\nDate: d\r\n\(field)\r\n\r\n"
        let kept = field == "A: 1" ? "A: 1\r\n" : ""
        #expect(
            try rewrite(text, plan(framing))
                == "HTTP/1.1 \(status) X\r\nDate: d\r\n\(kept)Via: 1.1 swerve\r\n\(expected)\r\n"
        )
    }

    @Test func `Connection says what the plan says`() throws {
        let text = "HTTP/1.1 200 OK\r\nDate: d\r\nConnection: keep-alive, close\r\n\r\n"
        let start = "HTTP/1.1 200 OK\r\nDate: d\r\nVia: 1.1 swerve\r\n"
        #expect(try rewrite(text, plan(.untilClose)) == start + "\r\n")
        #expect(try rewrite(text, plan(.untilClose, closes: true)) == start + "Connection: close\r\n\r\n")
        #expect(
            try rewrite(text, plan(.untilClose, announcesKeepAlive: true))
                == start + "Connection: keep-alive\r\n\r\n"
        )
    }

    @Test func `an answer that switches protocols keeps Upgrade and nothing that frames`() throws {
        let text =
            "HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nContent-Length: 5\r\nUpgrade: websocket\r\n"
            + "A: 1\r\n\r\n"
        #expect(
            try rewrite(text, plan(.none, closes: true, upgrades: true))
                == "HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nA: 1\r\nVia: 1.1 swerve\r\n"
                + "Connection: upgrade\r\n\r\n"
        )
    }

    @Test func `an interim answer passes without what ends here and with nothing added`() throws {
        let bytes = wire(
            "HTTP/1.0 103 Early Hints\r\nLink:</a>\r\nConnection: X\r\nX: 1\r\nContent-Length: 3\r\n"
                + "B: 2\r\n\r\n"
        )
        let head = ResponseHead()
        _ = try head.parse(bytes.span, limits: testLimits)
        let output = ByteWriter()
        ResponseRewriter.writeInterim(head, bytes.span, to: output)
        #expect(unwire(output.bytes) == "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nB: 2\r\n\r\n")
    }
}
