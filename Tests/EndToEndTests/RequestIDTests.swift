import TestSupport
import Testing

/// One id for a request, at the backend, at the client and in the log.
@Suite struct RequestIDTests {
    private func logged(_ balancer: Balancer, _ path: String) -> String? {
        balancer.process.output.waitForLine { $0.contains("\"\(path)\"") }.flatMap { LogRecord($0)?["id"] }
    }

    @Test(
        arguments: [
            ([], nil), (["X-Request-Id: its-own"], "its-own"),
            (["X-Request-Id: its-own", "Connection: x-request-id"], "its-own"),
            (["x_request_id: its-own"], "its-own"),
            (["X-Request-Id: a b"], nil), (["X-Request-Id: a", "X-Request-Id: b"], nil),
            (["X-Request-Id: \(String(repeating: "a", count: 129))"], nil),
        ] as [([String], String?)]
    )
    func `everybody sees the same id`(_ fields: [String], _ kept: String?) throws {
        let origin = try Origin.fixed(answerText("ok", ["X-Request-Id: the-backend's", "x_request_id: too"]))
        try withBalancer(origin, ["--log-format", "json"]) { balancer throws in
            let client = try RawClient(to: balancer.port)
            var ids: Set<String> = []
            for path in ["/1", "/2"] {
                let response = try client.exchange(requestText("GET", path, fields))
                let id = try #require(response["X-Request-Id"])
                #expect(response.values("X-Request-Id") == [id] && response.values("x_request_id") == [])
                if let kept { #expect(id == kept) } else { #expect(id.wholeMatch(of: /[0-9a-f]{32}/) != nil) }
                #expect(logged(balancer, path) == id)
                ids.insert(id)
            }
            #expect(ids.count == (kept == nil ? 2 : 1))
            let seen = origin.requests.flatMap { $0.values("X-Request-Id") + $0.values("x_request_id") }
            #expect(seen.count == 2 && Set(seen) == ids)
        }
    }

    @Test func `answers of the gateway's own carry it too`() throws {
        let dead = try RefusingAddress()
        let id = ["X-Request-Id: its-own"]
        try withBalancer([dead.endpoint], ["--log-format", "json"]) { balancer throws in
            let requests = [
                ("/502", requestText("GET", "/502", id)),
                ("h:405", "CONNECT h:405 HTTP/1.1\r\nHost: h:405\r\n\(id[0])\r\n\r\n"),
                ("/trace", requestText("TRACE", "/trace", id + ["Max-Forwards: 0"])),
                ("/options", requestText("OPTIONS", "/options", id + ["Max-Forwards: 0"])),
            ]
            for (path, request) in requests {
                let response = try balancer.exchange(request)
                #expect(response.values("X-Request-Id") == ["its-own"], "\(path)")
                #expect(logged(balancer, path) == "its-own")
            }
            let refused = try balancer.exchange("GET /400 HTTP/1.1\r\n\(id[0])\r\n\r\n")
            #expect(refused.status == 400)
            let made = try #require(refused["X-Request-Id"])
            #expect(made.wholeMatch(of: /[0-9a-f]{32}/) != nil && logged(balancer, "/400") == made)
        }
    }

    @Test func `a switch of protocols carries it, an interim response does not`() throws {
        let early = "HTTP/1.1 103 Early Hints\r\nX-Request-Id: theirs\r\nLink: </a>\r\n\r\n"
        let origin = try ScriptedPeer { request in
            request.target == "/chat"
                ? [.send(UpgradeTests.switching), .stall] : [.send(early + answerText("ok"))]
        }
        try withBalancer(origin) { balancer throws in
            let client = try RawClient(to: balancer.port)
            #expect(try client.exchange(UpgradeTests.upgradeRequest).values("X-Request-Id").count == 1)
            let response = try balancer.get("/early")
            #expect(response.interim.map { $0.values("X-Request-Id") } == [[]])
            #expect(response.values("X-Request-Id").count == 1)
        }
    }
}
