import TestSupport
import Testing

/// What of a message passes, what ends at the balancer and what it adds.
@Suite struct ForwardingTests {
    /// Sends a request and returns it as the origin saw it.
    private func seen(_ text: String, from source: String? = nil) throws -> RecordedRequest {
        let origin = try Origin.ok()
        try withBalancer(origin) { balancer throws in
            #expect(try balancer.exchange(text, from: source).status == 200)
        }
        #expect(origin.requestCount == 1)
        return try #require(origin.requests.first)
    }

    /// Returns an origin's answer as the client saw it.
    private func received(_ answer: String) throws -> Response {
        let origin = try Origin.fixed(answer)
        var response: Response?
        try withBalancer(origin) { balancer throws in response = try balancer.get() }
        return try #require(response)
    }

    @Test func `an answer's fields keep their order, their case and their duplicates`() throws {
        let sent = ["sErver: x", "Set-Cookie: a=1", "X-Dup: 1", "Set-Cookie: b=2", "x-dup: 2"]
        let response = try received(answerText("ok", sent))
        let names = Set(sent.map { $0.prefix { $0 != ":" }.lowercased() })
        let kept = response.fields.filter { names.contains($0.name.lowercased()) }.map { "\($0)" }
        #expect(kept == sent)
    }

    @Test func `status and reason pass as they are`() throws {
        let response = try received("HTTP/1.1 299 Rather Good\r\nContent-Length: 0\r\n\r\n")
        #expect(response.status == 299)
        #expect(response.reason == "Rather Good")
    }

    @Test(arguments: ["Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "X-Private: 1"])
    func `a field of an answer meant for the balancer only ends here`(_ field: String) throws {
        let response = try received(answerText("ok", ["Connection: X-Private", field, "X-Stays: 1"]))
        #expect(response.values(String(field.prefix { $0 != ":" })).isEmpty)
        #expect(response.values("X-Stays") == ["1"])
        #expect(!response.values("Connection").joined().lowercased().contains("x-private"))
    }

    @Test func `the origin learns the client's address, scheme and host`() throws {
        let request = try seen(plainRequest, from: "127.9.8.7")
        #expect(request.values("X-Forwarded-For") == ["127.9.8.7"])
        #expect(request.values("X-Forwarded-Proto") == ["http"])
        #expect(request.values("X-Forwarded-Host") == ["example.test"])
    }

    @Test func `Via is added after those of earlier proxies`() throws {
        #expect(
            try received(answerText("ok", ["Via: 1.0 fred"])).values("Via") == ["1.0 fred", "1.1 swerve"]
        )
        #expect(try received(answerText("ok")).values("Via") == ["1.1 swerve"])
    }

    @Test func `an answer without a date gets one`() throws {
        let dates = try received(answerText("ok")).values("Date")
        #expect(dates.count == 1)
        let form = /(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/
        #expect(dates.first?.wholeMatch(of: form) != nil)
    }

    @Test func `an answer's own date is kept`() throws {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(try received(answerText("ok", ["date: \(date)"])).values("Date") == [date])
    }

    @Test func `values keep bytes beyond ASCII`() throws {
        #expect(try received(answerText("ok", ["X-Name: Zoë"])).values("X-Name") == ["Zoë"])
    }
}
