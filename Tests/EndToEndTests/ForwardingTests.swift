import TestSupport
import Testing

/// What of a message passes, what ends at the balancer and what it adds.
@Suite struct ForwardingTests {
    /// What the balancer adds to a request; everything else must be the client's.
    private let added: Set = [
        "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "via", "connection", "x-request-id",
    ]

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

    @Test func `fields keep their order, their case and their duplicates`() throws {
        let sent = [
            "aCCept: a", "X-Dup: 1", "Cookie: a=1", "x-dup: 2", "Cookie: b=2", "X-Empty:", "X-List: 1, 2",
        ]
        let request = try seen(requestText("GET", "/", sent))
        let kept = request.fields.filter { !added.contains($0.name.lowercased()) }.map { "\($0)" }
        #expect(kept == ["Host: example.test"] + sent.map { $0.hasSuffix(":") ? $0 + " " : $0 })
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

    @Test(arguments: [
        "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "TE: trailers", "Upgrade: h9",
        "X-Private: 1",
        "X-Other: 2",
    ])
    func `a field meant for the next hop only ends here`(_ field: String) throws {
        let request = try seen(
            requestText("GET", "/", ["Connection: x-private, X-Other", field, "X-Stays: 1"])
        )
        let name = String(field.prefix { $0 != ":" })
        #expect(request.values(name).isEmpty)
        #expect(request.values("X-Stays") == ["1"])
        #expect(!request.values("Connection").joined().lowercased().contains("x-"))
    }

    @Test(arguments: ["Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "X-Private: 1"])
    func `a field of an answer meant for the balancer only ends here`(_ field: String) throws {
        let response = try received(answerText("ok", ["Connection: X-Private", field, "X-Stays: 1"]))
        #expect(response.values(String(field.prefix { $0 != ":" })).isEmpty)
        #expect(response.values("X-Stays") == ["1"])
        #expect(!response.values("Connection").joined().lowercased().contains("x-private"))
    }

    @Test func `Host stays what the client said`() throws {
        #expect(try seen(plainRequest).values("Host") == ["example.test"])
    }

    @Test func `the origin learns the client's address, scheme and host`() throws {
        let request = try seen(plainRequest, from: "127.9.8.7")
        #expect(request.values("X-Forwarded-For") == ["127.9.8.7"])
        #expect(request.values("X-Forwarded-Proto") == ["http"])
        #expect(request.values("X-Forwarded-Host") == ["example.test"])
    }

    @Test func `what a client says about itself is not believed`() throws {
        let lies = [
            "X-Forwarded-For: 1.2.3.4", "x-forwarded-proto: https", "X-Forwarded-Host: evil.test",
            "X-Forwarded-Port: 1", "Forwarded: for=1.2.3.4", "X-Real-IP: 1.2.3.4",
        ]
        let request = try seen(requestText("GET", "/", lies), from: "127.9.8.7")
        #expect(request.values("X-Forwarded-For") == ["127.9.8.7"])
        #expect(request.values("X-Forwarded-Proto") == ["http"])
        #expect(request.values("X-Forwarded-Host") == ["example.test"])
        for name in ["X-Forwarded-Port", "Forwarded", "X-Real-IP"] { #expect(request.values(name).isEmpty) }
    }

    @Test func `naming a field in Connection does not strip what the balancer says`() throws {
        let names = "X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host, Via, Host, close"
        let fields = ["Connection: \(names)", "X-Forwarded-For: 1.2.3.4"]
        let request = try seen(requestText("GET", "/", fields), from: "127.9.8.7")
        #expect(request.values("X-Forwarded-For") == ["127.9.8.7"])
        #expect(request.values("X-Forwarded-Proto") == ["http"])
        #expect(request.values("X-Forwarded-Host") == ["example.test"])
        #expect(request.values("Host") == ["example.test"])
        #expect(request.values("Via").last == "1.1 swerve")
    }

    @Test func `Connection cannot strip a body of its framing`() throws {
        let fields = ["Connection: Content-Length", "Content-Length: 5"]
        let request = try seen(requestText("POST", "/", fields, body: "hello"))
        #expect(request.bodyText == "hello")
    }

    @Test func `Via is added after those of earlier proxies`() throws {
        #expect(
            try seen(requestText("GET", "/", ["Via: 1.0 fred"])).values("Via") == ["1.0 fred", "1.1 swerve"]
        )
        #expect(try seen(plainRequest).values("Via") == ["1.1 swerve"])
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

    @Test(arguments: [
        ("http://other.test:8080/p?q", "/p?q", "other.test:8080"), ("http://other.test", "/", "other.test"),
        ("http://other.test?x=1", "/?x=1", "other.test"), ("HTTP://other.test/%2F", "/%2F", "other.test"),
    ])
    func `an absolute target becomes a path, and its host goes before the field`(
        _ target: String,
        _ path: String,
        _ host: String
    ) throws {
        let request = try seen(requestText("GET", target))
        #expect(request.target == path)
        #expect(request.values("Host") == [host])
        #expect(request.values("X-Forwarded-Host") == [host])
    }

    @Test(arguments: [
        "PURGE", "PROPFIND", "M-SEARCH", "PATCH", "DELETE", "TRACE", "get", "x!#$%&'*+-.^_`|~1",
    ])
    func `any token is a method`(_ method: String) throws {
        #expect(try seen(requestText(method, "/thing")).method == method)
    }

    @Test(arguments: [
        "/a%2Fb?x=%zz&y=%", "//double//slash", "/a/./b/../c", "/?", "/;p=1,2", "/%C3%A9", "/a?b?c=/d",
        "/'()*!$&+=:@~-._",
    ])
    func `the bytes of a target are not touched`(_ target: String) throws {
        #expect(try seen(requestText("GET", target)).target == target)
    }

    @Test func `a long target passes up to the limit`() throws {
        let target = "/" + String(repeating: "a", count: 15_000)
        #expect(try seen(requestText("GET", target)).target == target)
    }

    @Test func `OPTIONS of the whole server passes with its asterisk`() throws {
        let request = try seen(requestText("OPTIONS", "*"))
        #expect(request.method == "OPTIONS")
        #expect(request.target == "*")
    }

    @Test func `CONNECT is refused and the connection ends`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            let response = try client.exchange(
                "CONNECT example.test:443 HTTP/1.1\r\nHost: example.test:443\r\n\r\n"
            )
            #expect([405, 501].contains(response.status))
            #expect(client.waitForClose() == .closed)
        }
        #expect(origin.acceptedCount == 0)
    }

    @Test func `values keep bytes beyond ASCII`() throws {
        #expect(try seen(requestText("GET", "/", ["X-Name: Zoë"])).values("X-Name") == ["Zoë"])
        #expect(try received(answerText("ok", ["X-Name: Zoë"])).values("X-Name") == ["Zoë"])
    }

    @Test func `a hundred fields pass`() throws {
        let fields = (1..<100).map { "X-Field-\($0): \($0)" }
        let request = try seen(requestText("GET", "/", fields))
        #expect(request.fields.filter { $0.name.hasPrefix("X-Field-") }.map { "\($0)" } == fields)
    }
}
