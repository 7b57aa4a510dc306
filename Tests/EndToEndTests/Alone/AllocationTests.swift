import Glibc
import TestSupport
import Testing

/// Once warm, the binary that is shipped allocates nothing for a request: not Swerve, not Swift, not libevent.
///
/// Only an optimised build keeps that promise, so only that is asked.
@Suite(.serialized, .enabled(if: Balancer.isReleaseBuild)) struct AllocationTests {
    /// A kind of exchange that many clients repeat.
    enum Traffic: String, CaseIterable, CustomTestStringConvertible {
        case get, browser, post, chunked, http10 = "HTTP/1.0"

        var testDescription: String { rawValue }

        var request: String {
            switch self {
            case .get: requestText("GET", "/")
            case .browser: requestText("GET", "/news?page=2", Self.browserFields)
            case .post:
                requestText("POST", "/", ["Content-Length: 1024"], body: String(repeating: "x", count: 1024))
            case .chunked: requestText("GET", "/chunks")
            case .http10:
                "GET / HTTP/1.0\r\nHost: example.test\r\nConnection: keep-alive\r\n\r\n"
            }
        }

        var answer: String {
            let fields = ["Date: Sun, 06 Nov 1994 08:49:37 GMT", "Content-Type: text/plain"]
            guard self == .chunked else { return answerText(String(repeating: "y", count: 100), fields) }
            let head = ["HTTP/1.1 200 OK"] + fields + ["Transfer-Encoding: chunked", "", ""]
            return head.joined(separator: "\r\n") + chunks("one piece", "and another") + "0\r\n\r\n"
        }

        private static let browserFields = [
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language: en-US,en;q=0.5", "Accept-Encoding: gzip, deflate, br",
            "Referer: http://example.test/news", "Connection: keep-alive",
            "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark", "Upgrade-Insecure-Requests: 1",
            "Cache-Control: max-age=0",
        ]
    }

    @Test(arguments: Traffic.allCases)
    func `a request that is like the ones before it allocates nothing`(_ traffic: Traffic) throws {
        let made = try allocations(of: 1000, traffic, accessLog: "off")
        #expect(made == 0)
    }

    @Test(arguments: ["inspect", "combined", "json"])
    func `neither does its line in the access log`(_ format: String) throws {
        let path = "/tmp/swerve-allocations-\(getpid())-\(format).log"
        defer { unlink(path) }
        let made = try allocations(of: 1000, .browser, accessLog: path, format: format)
        #expect(made == 0)
        #expect(try readWholeFile(path).count { $0 == UInt8(ascii: "\n") } == 1300)
    }

    /// How many allocations the balancer makes for so many exchanges, after three hundred to warm it up.
    private func allocations(of count: Int, _ traffic: Traffic, accessLog: String, format: String = "inspect")
        throws -> UInt64
    {
        let counter = try AllocationCounter()
        let origin = try Origin.fixed(traffic.answer)
        let flags = ["--workers", "1", "--access-log", accessLog, "--log-format", format]
        let balancer = try Balancer(
            backends: [origin.endpoint],
            flags: flags,
            environment: counter.environment
        )
        let client = try RawClient(to: balancer.port)
        let request = traffic.request
        for _ in 0..<300 { try #require(try client.exchange(request).status == 200) }
        let before = try counter.value()
        // Starting alone takes thousands; none at all would mean that nobody counts.
        #expect(before > 100)
        for _ in 0..<count { try #require(try client.exchange(request).status == 200) }
        // The client stays meanwhile: to let it go takes memory once.
        let made = try withExtendedLifetime(client) { try counter.value() - before }
        // Stopped in good order: the last line is written behind its answer, and a kill could come in between.
        #expect(balancer.stop(.terminate) == .code(0))
        return made
    }
}
