import Balancing
import HTTPMessages
import Observability
import Proxying

/// Times the steps of a request that are Swerve's own: parsing a head, writing it anew, picking a backend; and what an
/// operator's look costs the loop that answers it.
@main enum Bench {
    private static let limits = HeadLimits(maxSize: 64 * 1024, maxFields: 100)

    private static let small = "GET / HTTP/1.1\r\nHost: example.test\r\n\r\n"
    private static let browser = """
        GET /news?page=2 HTTP/1.1\r
        Host: example.test\r
        User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r
        Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r
        Accept-Language: en-US,en;q=0.5\r
        Accept-Encoding: gzip, deflate, br\r
        Referer: http://example.test/news\r
        Connection: keep-alive\r
        Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r
        Upgrade-Insecure-Requests: 1\r
        Cache-Control: max-age=0\r
        \r\n
        """
    private static let answer = """
        HTTP/1.1 200 OK\r
        Server: nginx/1.22.1\r
        Date: Sun, 06 Nov 1994 08:49:37 GMT\r
        Content-Type: text/plain\r
        Content-Length: 100\r
        Connection: keep-alive\r
        \r\n
        """

    static func main() {
        for (name, text) in [("small", small), ("browser", browser)] {
            parse(name, Array(text.utf8))
            rewrite(name, Array(text.utf8))
        }
        parseAnswer(Array(answer.utf8))
        for count in [1, 64, 1000] { pick(among: count) }
        for count in [10, 1000] { expose(backends: count) }
    }

    private static func parse(_ name: String, _ bytes: [UInt8]) {
        let head = RequestHead()
        Measurement.run("parse a request, \(name)") { repetitions in
            var sum = 0
            for _ in 0..<repetitions { sum &+= (try? head.parse(bytes.span, limits: limits)) ?? 0 }
            return sum
        }
    }

    private static func rewrite(_ name: String, _ bytes: [UInt8]) {
        let head = RequestHead()
        guard (try? head.parse(bytes.span, limits: limits)) != nil else { return }
        let output = ByteWriter(capacity: 4096)
        let origin = RequestRewriter.Origin(client: "192.0.2.1", localAuthority: "")
        let ids = RequestIDSource()
        Measurement.run("rewrite a request, \(name)") { repetitions in
            var sum = 0
            for _ in 0..<repetitions {
                output.clear()
                _ = RequestRewriter.write(
                    head,
                    bytes.span,
                    from: origin,
                    upgrades: false,
                    ids: ids,
                    to: output
                )
                sum &+= output.count
            }
            return sum
        }
    }

    private static func parseAnswer(_ bytes: [UInt8]) {
        let head = ResponseHead()
        Measurement.run("parse an answer") { repetitions in
            var sum = 0
            for _ in 0..<repetitions { sum &+= (try? head.parse(bytes.span, limits: limits)) ?? 0 }
            return sum
        }
    }

    /// A number that looks like a hash (Knuth's multiplicative one).
    private static func scattered(_ number: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: number) &* 2_654_435_761
    }

    /// Three of ten backends are dead, spread as an arbitrary hash spreads them.
    private static func pick(among count: Int) {
        var alive = AliveSet(count: count, allAlive: true)
        for index in (0..<count).dropFirst() where scattered(index) % 10 < 3 {
            alive.remove(index)
        }
        let policy = IPHash(backendCount: count)
        let dead = count - alive.aliveCount
        Measurement.run("pick among \(count), \(dead) dead") { repetitions in
            var sum = 0
            for key in 0..<repetitions {
                sum &+= policy.pick(scattered(key), among: alive) ?? 0
            }
            return sum
        }
    }

    private static func expose(backends count: Int) {
        var snapshot = ServerSnapshot()
        snapshot.version = "0.1.0"
        snapshot.backends = (0..<count).map { index in
            var backend = BackendSnapshot()
            backend.name = "10.0.\(index / 250).\(index % 250):8080"
            for value in 0..<UInt64(200) {
                backend.traffic.duration.record(value * 1_000_000)
                backend.traffic.requests[1] += value
            }
            return backend
        }
        let output = ByteWriter()
        for format in MetricFormat.allCases {
            Measurement.run("metrics of \(count), \(format)") { repetitions in
                measureWriting(repetitions, output) { snapshot.writeMetrics(as: format, to: $0) }
            }
        }
        Measurement.run("status of \(count)") { repetitions in
            measureWriting(repetitions, output, snapshot.writeStatus)
        }
    }

    private static func measureWriting(
        _ repetitions: Int,
        _ output: ByteWriter,
        _ write: (ByteWriter) -> Void
    ) -> Int {
        var sum = 0
        for _ in 0..<repetitions {
            output.clear()
            write(output)
            sum &+= output.count
        }
        return sum
    }
}
