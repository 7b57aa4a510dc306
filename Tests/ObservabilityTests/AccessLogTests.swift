import HTTPMessages
import Testing

@testable import Observability

@Suite struct AccessLogTests {
    private func entry(
        backend: String? = "10.0.0.2:80",
        status: Int = 200,
        bytes: Int = 12,
        nanoseconds: UInt64 = 1_234_567,
        failure: AccessLogEntry.Failure? = nil
    ) -> AccessLogEntry {
        var entry = AccessLogEntry(client: "10.0.0.1", status: status)
        entry.backend = backend
        entry.sent = bytes
        entry.times.total = nanoseconds
        entry.failure = failure
        return entry
    }

    /// The line for an exchange whose method, path and user agent are `parts`.
    private func line(_ parts: [[UInt8]], _ entry: AccessLogEntry) -> String {
        let log = AccessLog()
        append(parts, entry, to: log)
        return String(decoding: log.pending.bytes, as: UTF8.self)
    }

    private func append(_ parts: [[UInt8]], _ entry: AccessLogEntry, to log: AccessLog) {
        let head = ByteWriter()
        var ranges: [Range<Int>] = []
        for part in parts {
            head.append("#")
            let start = head.count
            head.append(part.span)
            ranges.append(start..<head.count)
        }
        var entry = entry
        entry.parts.method = ranges[0]
        entry.parts.path = ranges[1]
        entry.parts.userAgent = ranges[2]
        log.append(entry, head.bytes.span, at: LogTime(seconds: 0, milliseconds: 0, utcOffset: 0))
    }

    private let plain = ["GET", "/a", "curl"].map { Array($0.utf8) }

    @Test func `a line tells the whole exchange`() {
        #expect(
            line(plain, entry())
                == "[INSPECT] Method: GET | Path: /a | User-Agent: curl | Client: 10.0.0.1"
                + " | Backend: 10.0.0.2:80 | Status: 200 | Bytes: 12 | Time: 1.234ms\n"
        )
    }

    @Test func `what is not known is a hyphen and a failure has its sentence`() {
        #expect(
            line(
                [[], [], []],
                entry(backend: nil, status: 503, bytes: 0, failure: .init("No backend is alive."))
            )
                == "[INSPECT] Method: - | Path: - | User-Agent: - | Client: 10.0.0.1"
                + " | Backend: - | Status: 503 | Bytes: 0 | Time: 1.234ms | Error: No backend is alive.\n"
        )
    }

    @Test(
        arguments: [
            (0, "0.000ms"), (999, "0.000ms"), (1000, "0.001ms"), (99_000, "0.099ms"), (999_999, "0.999ms"),
            (1_000_000, "1.000ms"), (10_050_000, "10.050ms"), (3_600_000_000_000, "3600000.000ms"),
        ] as [(UInt64, String)]
    )
    func `time is in milliseconds with three decimals`(_ nanoseconds: UInt64, _ text: String) {
        #expect(line(plain, entry(nanoseconds: nanoseconds)).hasSuffix(" | Time: \(text)\n"))
    }

    @Test func `every byte is written plain or as its two digits`() {
        for byte in UInt8.min...UInt8.max {
            let isPlain = (0x20...0x7E).contains(byte) && !"\"\\|".utf8.contains(byte)
            let digits = String(byte, radix: 16, uppercase: true)
            let text = isPlain ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + digits
            for part in 0..<3 {
                var parts = plain
                parts[part] = [UInt8(ascii: "<"), byte, UInt8(ascii: ">")]
                #expect(line(parts, entry()).contains(": <\(text)> | "))
            }
        }
    }

    @Test func `no bytes of a peer end a line or a field`() {
        let hostile = [
            "\n", "\r\n", "\u{85}", "\u{2028}", " | Status: 200", "|", "\u{1b}[2J", "\0", "\\x7C", "\"",
        ]
        let log = AccessLog()
        for first in hostile {
            for second in hostile {
                let bytes = Array((first + second + first).utf8)
                append([bytes, bytes, bytes], entry(), to: log)
                let text = String(decoding: log.pending.bytes, as: UTF8.self)
                #expect(text.utf8.count { $0 == UInt8(ascii: "\n") } == 1 && text.hasSuffix("\n"))
                #expect(text.utf8.count { $0 == UInt8(ascii: "|") } == 7)
                #expect(text.utf8.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x0A })
                log.forget()
            }
        }
    }

    @Test func `whole lines are dropped and counted when too many wait`() {
        let size = line(plain, entry()).utf8.count
        let log = AccessLog(capacity: 2 * size + size / 2)
        for _ in 0..<5 { append(plain, entry(), to: log) }
        #expect(log.pending.count == 2 * size)
        #expect(log.dropped == 3)
        #expect(log.takeDropped() == 3)
        #expect(log.takeDropped() == 0 && log.dropped == 0)
    }

    @Test func `a line that fills the room exactly is kept`() {
        let size = line(plain, entry()).utf8.count
        let exact = AccessLog(capacity: size)
        append(plain, entry(), to: exact)
        #expect(exact.pending.count == size && exact.dropped == 0)
        let small = AccessLog(capacity: size - 1)
        append(plain, entry(), to: small)
        #expect(small.pending.isEmpty && small.dropped == 1)
    }

    @Test func `lines are handed over by exchanging memory, else by copying what fits`() {
        let size = line(plain, entry()).utf8.count
        let log = AccessLog()
        var memory: [UInt8] = []
        var count = 0
        for _ in 0..<2 { append(plain, entry(), to: log) }
        let expected = log.pending.bytes
        #expect(log.handOver(to: &memory, &count, room: 2 * size) == 2)
        #expect(Array(memory[..<count]) == expected && log.pending.isEmpty)
        for _ in 0..<3 { append(plain, entry(), to: log) }
        #expect(log.handOver(to: &memory, &count, room: 2 * size - 1) == 1)
        #expect(Array(memory[..<count]) == expected + expected[..<size])
        #expect(log.pending.isEmpty && log.takeDropped() == 2)
        #expect(log.handOver(to: &memory, &count, room: 100) == 0 && count == 3 * size)
    }

    @Test func `lines for which there is no room at all count as dropped`() {
        let log = AccessLog()
        var memory: [UInt8] = []
        var count = 0
        for _ in 0..<4 { append(plain, entry(), to: log) }
        #expect(log.handOver(to: &memory, &count, room: 0) == 0)
        #expect(count == 0 && log.pending.isEmpty && log.takeDropped() == 4)
    }
}
