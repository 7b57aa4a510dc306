import TestSupport
import Testing

/// A client's address alone decides which backend it gets.
@Suite struct PlacementTests {
    @Test(arguments: 1...5)
    func `each client lands where the published hash says`(_ count: Int) throws {
        let origins = try (0..<count).map { try Origin.ok("backend \($0)") }
        try withBalancer(origins.map(\.endpoint)) { balancer throws in
            for client in PlacementReference.clients(64) {
                let expected = PlacementReference.backend(of: client, among: count)
                #expect(try balancer.get(from: client).text == "backend \(expected)", "client \(client)")
            }
        }
        for (index, origin) in origins.enumerated() {
            let own = PlacementReference.clients(64).filter {
                PlacementReference.backend(of: $0, among: count) == index
            }
            #expect(origin.requestCount == own.count)
        }
    }

    @Test func `all requests of a client reach the same backend on one connection and on many`() throws {
        let origins = try (0..<3).map { try Origin.ok("backend \($0)") }
        let client = "127.44.5.6"
        let expected = "backend \(PlacementReference.backend(of: client, among: 3))"
        try withBalancer(origins.map(\.endpoint)) { balancer throws in
            let connection = try RawClient(to: balancer.port, from: client)
            for path in 0..<5 {
                #expect(try connection.exchange(requestText("GET", "/\(path)")).text == expected)
                #expect(try balancer.get("/\(path)", from: client).text == expected)
            }
        }
    }

    @Test func `an address a client claims does not move it`() throws {
        let origins = try (0..<2).map { try Origin.ok("backend \($0)") }
        let client = PlacementReference.client(of: 0, among: 2)
        let other = PlacementReference.client(of: 1, among: 2)
        try withBalancer(origins.map(\.endpoint)) { balancer throws in
            let fields = ["X-Forwarded-For: \(other)", "Forwarded: for=\(other)", "X-Real-IP: \(other)"]
            #expect(try balancer.exchange(requestText("GET", "/", fields), from: client).text == "backend 0")
        }
    }

    @Test func `a client of a listener for both families is known by its plain IPv4 address`() throws {
        let origins = try (0..<3).map { try Origin.ok("backend \($0)") }
        try withBalancer(origins.map(\.endpoint), ["--listen", ":0"]) { balancer throws in
            for client in PlacementReference.clients(8) {
                let expected = PlacementReference.backend(of: client, among: 3)
                #expect(try balancer.get(from: client).text == "backend \(expected)")
                #expect(origins[expected].requests.last?.values("X-Forwarded-For") == [client])
            }
        }
    }

    @Test func `the order of the backends is the order of the flags`() throws {
        let origins = try (0..<2).map { try Origin.ok("backend \($0)") }
        let client = PlacementReference.client(of: 0, among: 2)
        try withBalancer(origins.reversed().map(\.endpoint)) { balancer throws in
            #expect(try balancer.get(from: client).text == "backend 1")
        }
    }

    @Test func `a backend may be named instead of numbered`() throws {
        let origin = try Origin.ok("named")
        try withBalancer(["localhost:\(origin.port)"]) { balancer throws in
            // The name is looked up while clients are already accepted.
            #expect(try eventually { try balancer.get().text == "named" })
        }
    }

    @Test func `a backend may be written as a URL`() throws {
        let origin = try Origin.ok("url")
        try withBalancer(["http://\(origin.endpoint)"]) { balancer throws in
            #expect(try balancer.get().text == "url")
        }
    }
}
