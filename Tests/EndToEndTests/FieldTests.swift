import TestSupport
import Testing

/// Fields that would mislead a backend or cost the balancer too much.
@Suite struct FieldTests {
    /// So many options that name fields, none of them twice.
    private func options(_ count: Int) -> String {
        (0..<count).map { "x-option-\($0)" }.joined(separator: ", ")
    }

    @Test func `as many as 64 options of a connection are taken, not counting those with a meaning`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            for value in [options(64), "keep-alive, \(options(64)), Upgrade, Keep-Alive"] {
                #expect(try client.exchange(requestText("GET", "/", ["Connection: \(value)"])).status == 200)
            }
        }
        #expect(origin.requestCount == 2)
    }

    @Test func `more than 64 options of a connection are refused`() throws {
        let origin = try Origin.ok()
        let many = Array(repeating: "a", count: 20_000).joined(separator: ",")
        try withBalancer(origin) { balancer throws in
            for fields in [
                ["Connection: \(options(65))"], ["Connection: close, \(options(65)), keep-alive"],
                ["Connection: \(options(40))", "Connection: \(options(25))"], ["Connection: \(many)"],
            ] {
                let client = try RawClient(to: balancer.port)
                let response = try client.exchange(requestText("GET", "/", fields))
                #expect(response.status == 400)
                #expect(response.values("Connection") == ["close"])
            }
        }
        #expect(origin.acceptedCount == 0)
    }

    @Test func `what a client says about itself is not believed in any spelling`() throws {
        let origin = try Origin.ok()
        let lies = [
            "X_Forwarded_For", "X-Forwarded_For", "X_FORWARDED-FOR", "x_forwarded_proto", "X_Forwarded_Host",
            "X_Forwarded_Port", "x_real_ip", "X-Real_IP", "X_Real-IP",
        ]
        try withBalancer(origin) { balancer throws in
            let fields = lies.map { "\($0): 1.2.3.4" } + ["Connection: x-other"]
            for text in [
                requestText("GET", "/", lies.map { "\($0): 1.2.3.4" }), requestText("GET", "/", fields),
            ] {
                #expect(try balancer.exchange(text).status == 200)
            }
        }
        #expect(origin.requestCount == 2)
        for request in origin.requests {
            let names = request.fields.map { $0.name.lowercased() }
            #expect(names.filter { $0.contains("_") } == [])
            #expect(!request.headText.contains("1.2.3.4"))
            #expect(request.values("X-Forwarded-For") == ["127.0.0.1"])
        }
    }

    @Test func `an absolute target of an HTTP 1.0 request is the host when no field is`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin) { balancer throws in
            #expect(try balancer.exchange("GET http://a.example/x HTTP/1.0\r\n\r\n").status == 200)
        }
        #expect(origin.requests.map(\.target) == ["/x"])
        #expect(origin.requests.first?.values("Host") == ["a.example"])
    }
}
