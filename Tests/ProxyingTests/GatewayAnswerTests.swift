import Testing

@testable import HTTPMessages
@testable import Proxying

@Suite struct GatewayAnswerTests {
    private static let failures: [GatewayFailure] =
        [
            .noBackendAlive, .connectFailed, .connectTimedOut, .closedBeforeHead, .unexpectedAnswer,
            .responseTimedOut, .readTimedOut, .truncatedAnswer, .clientGone, .headTimedOut,
            .clientBodyTimedOut,
            .methodNotAllowed, .cut,
        ] + MessageError.allCases.flatMap { [.refused($0), .badAnswer($0)] }

    private func answer(
        _ failure: GatewayFailure,
        retryAfter: Int? = nil,
        isHead: Bool = false,
        keepsAlive: Bool = true
    ) -> String {
        let output = ByteWriter()
        GatewayAnswer.write(
            failure,
            retryAfter: retryAfter,
            isHead: isHead,
            keepsAlive: keepsAlive,
            wallSeconds: 0,
            id: answerID,
            to: output
        )
        return withoutID(unwire(output.bytes))
    }

    @Test func `an answer is short plain text`() {
        let start =
            "HTTP/1.1 503 Service Unavailable\r\nServer: swerve\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
            + "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 21\r\n"
        #expect(answer(.noBackendAlive) == start + "\r\nNo backend is alive.\n")
        #expect(answer(.noBackendAlive, isHead: true) == start + "\r\n")
        #expect(
            answer(.noBackendAlive, retryAfter: 2, keepsAlive: false)
                == start + "Retry-After: 2\r\nConnection: close\r\n\r\nNo backend is alive.\n"
        )
    }

    @Test(arguments: failures)
    func `every answer parses strictly and its length is its body's`(_ failure: GatewayFailure) throws {
        for isHead in [false, true] {
            for keepsAlive in [false, true] {
                let bytes = wire(answer(failure, retryAfter: 1, isHead: isHead, keepsAlive: keepsAlive))
                let head = ResponseHead()
                let length = try #require(try head.parse(bytes.span, limits: testLimits))
                #expect(head.status == failure.status)
                #expect(head.keepsConnection == keepsAlive)
                let body = unwire(bytes[length...])
                #expect(body == (isHead ? "" : "\(failure.sentence)\n"))
                #expect(head.declaredLength == "\(failure.sentence)\n".utf8.count)
                #expect(failure == .clientGone || unwire(bytes[head.reason]) != "Error")
            }
        }
    }

    @Test func `who is to blame decides the status`() {
        let expected: [(GatewayFailure, Int)] = [
            (.noBackendAlive, 503), (.connectFailed, 502), (.connectTimedOut, 504), (.closedBeforeHead, 502),
            (.unexpectedAnswer, 502), (.responseTimedOut, 504), (.readTimedOut, 504), (.truncatedAnswer, 502),
            (.clientGone, 499), (.headTimedOut, 408), (.clientBodyTimedOut, 408), (.methodNotAllowed, 405),
            (.cut, 503),
        ]
        for (failure, status) in expected { #expect(failure.status == status) }
        for error in MessageError.allCases {
            #expect(GatewayFailure.refused(error).status == error.status)
            #expect(GatewayFailure.badAnswer(error).status == 502)
        }
    }

    @Test func `a refused method is told what is allowed`() {
        #expect(
            answer(.methodNotAllowed)
                .contains("\r\nAllow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE\r\n")
        )
        #expect(!answer(.noBackendAlive).contains("Allow"))
    }

    @Test func `a trace shows the request as received without its secrets`() throws {
        let text = "TRACE /a?b HTTP/1.1\r\nHost:  h\r\nCookie: c\r\nAUTHORIZATION: s\r\n"
        let request = try #require(
            try Request(wire("\r\n\(text)Proxy-Authorization: s\r\nx-A:1\r\nMax-Forwards: 0\r\n\r\n"))
        )
        let output = ByteWriter()
        let count = GatewayAnswer.writeTrace(
            request.head,
            request.bytes.span,
            keepsAlive: true,
            wallSeconds: 0,
            id: answerID,
            to: output
        )
        let echo = "TRACE /a?b HTTP/1.1\r\nHost: h\r\nx-A: 1\r\nMax-Forwards: 0\r\n\r\n"
        #expect(count == echo.utf8.count)
        #expect(
            withoutID(unwire(output.bytes))
                == "HTTP/1.1 200 OK\r\nServer: swerve\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
                + "Content-Type: message/http\r\nContent-Length: \(count)\r\n\r\n" + echo
        )
    }

    @Test func `an answer to OPTIONS tells the methods and has no body`() {
        for keepsAlive in [true, false] {
            let output = ByteWriter()
            GatewayAnswer.writeOptions(keepsAlive: keepsAlive, wallSeconds: 0, id: answerID, to: output)
            #expect(
                withoutID(unwire(output.bytes))
                    == "HTTP/1.1 200 OK\r\nServer: swerve\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
                    + "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE\r\nContent-Length: 0\r\n"
                    + (keepsAlive ? "\r\n" : "Connection: close\r\n\r\n")
            )
        }
    }
}
