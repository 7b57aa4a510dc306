import TestSupport
import Testing

/// What a crowd costs, the process does not go on owning.
@Suite(.serialized, .enabled(if: Sanitizer.current == nil, "a sanitizer keeps memory of its own"))
struct MemoryTests {
    @Test func `memory that a crowd took goes back to the system when it has left`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--access-log", "off"]) { balancer throws in
            #expect(try balancer.get().status == 200)
            let before = balancer.residentBytes
            // What was sent of a small upload is held, because the request might have to be sent again.
            let part = requestText(
                "POST",
                "/",
                ["Content-Length: 100000"],
                body: String(repeating: "x", count: 60_000)
            )
            let clients = try (0..<400).map { _ in try RawClient(to: balancer.port) }
            for client in clients { try client.send(part) }
            #expect(eventually { balancer.residentBytes > before + 20_000_000 })
            for client in clients { client.close() }
            #expect(eventually { balancer.residentBytes < before + 8_000_000 })
        }
    }

    @Test func `a client that pipelines without a pause costs no more with time`() throws {
        let origin = try Origin.ok()
        try withBalancer(origin, ["--access-log", "off", "--workers", "1"]) { balancer throws in
            let client = try RawClient(to: balancer.port)
            func ask(_ count: Int) throws {
                let requests = String(repeating: requestText("GET", "/"), count: count)
                onNewThread { try? client.send(requests) }
                for _ in 0..<count { #expect(try client.readResponse().status == 200) }
            }
            try ask(1000)
            let before = balancer.residentBytes
            try ask(10_000)
            #expect(balancer.residentBytes < before + 4_000_000)
        }
    }
}
