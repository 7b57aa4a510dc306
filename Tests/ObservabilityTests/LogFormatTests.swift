import HTTPMessages
import Testing

@testable import Observability

/// The formats byte by byte.
@Suite struct LogFormatTests {
    private static let moment = LogTime(seconds: 1_795_573_022, milliseconds: 7, utcOffset: 19_800)

    /// A request's parts in bytes, in the order of `names`; a part that is `nil` is missing.
    private func request(
        _ values: [WritableKeyPath<AccessLogEntry.Parts, Range<Int>>: [UInt8]],
        _ minorVersion: Int? = 1
    ) -> (AccessLogEntry.Parts, [UInt8]) {
        var parts = AccessLogEntry.Parts()
        var bytes: [UInt8] = [35]
        for (path, value) in values {
            parts[keyPath: path] = bytes.count..<bytes.count + value.count
            bytes += value
        }
        parts.minorVersion = minorVersion
        return (parts, bytes)
    }

    private func line(
        _ format: AccessLog.Format,
        _ values: [WritableKeyPath<AccessLogEntry.Parts, Range<Int>>: [UInt8]],
        _ minorVersion: Int? = 1,
        at moment: LogTime = LogFormatTests.moment,
        _ change: (inout AccessLogEntry) -> Void = { _ in }
    ) -> String {
        let (parts, bytes) = request(values, minorVersion)
        var entry = AccessLogEntry(client: "192.0.2.7", status: 200)
        entry.parts = parts
        change(&entry)
        let log = AccessLog(format)
        log.append(entry, bytes.span, at: moment)
        return String(decoding: log.pending.bytes, as: UTF8.self)
    }

    private let browser: [WritableKeyPath<AccessLogEntry.Parts, Range<Int>>: [UInt8]] = [
        \.method: Array("GET".utf8), \.path: Array("/a?b=c".utf8), \.host: Array("h:80".utf8),
        \.userAgent: Array("curl/8".utf8), \.referer: Array("http://r/".utf8), \.id: Array("an-id".utf8),
    ]

    @Test func `combined is nginx's`() {
        #expect(
            line(.combined, browser) { $0.sent = 1270 }
                == "192.0.2.7 - - [25/Nov/2026:07:47:02 +0530] \"GET /a?b=c HTTP/1.1\" 200 1270"
                + " \"http://r/\" \"curl/8\"\n"
        )
        #expect(
            line(.combined, [\.method: [80], \.path: [47], \.userAgent: []], 0) { $0.status = 499 }
                == "192.0.2.7 - - [25/Nov/2026:07:47:02 +0530] \"P / HTTP/1.0\" 499 0 \"-\" \"\"\n"
        )
        #expect(
            line(.combined, [\.line: Array("GET / \u{1}\"".utf8)], nil) { $0.status = 400 }
                == "192.0.2.7 - - [25/Nov/2026:07:47:02 +0530] \"GET / \\x01\\x22\" 400 0 \"-\" \"-\"\n"
        )
        #expect(line(.combined, [:], nil).contains("] \"-\" 200 0 "))
    }

    @Test(arguments: [
        (0, "25/Nov/2026:02:17:02 +0000"), (-12_600, "24/Nov/2026:22:47:02 -0330"),
        (50_400, "25/Nov/2026:16:17:02 +1400"),
    ])
    func `combined tells the local time with its distance from UTC`(_ offset: Int, _ text: String) {
        let moment = LogTime(seconds: 1_795_573_022, milliseconds: 0, utcOffset: offset)
        #expect(line(.combined, browser, at: moment).contains(" [\(text)] "))
    }

    @Test func `combined escapes every byte as nginx does`() {
        for byte in UInt8.min...UInt8.max {
            let isPlain = (0x20...0x7E).contains(byte) && !"\"\\".utf8.contains(byte)
            let digits = String(byte, radix: 16, uppercase: true)
            let text = isPlain ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + digits
            for path in [\AccessLogEntry.Parts.userAgent, \.referer, \.path] {
                #expect(line(.combined, [\.method: [71], path: [60, byte, 62]]).contains("<\(text)>"))
            }
        }
    }

    @Test func `json tells everything`() {
        let text = line(.json, browser) {
            $0.peerPort = 51234
            $0.backend = "10.0.0.2:8080"
            $0.tries = 2
            $0.picked = .retry
            $0.received = 3
            $0.sent = 1270
            $0.times.total = 3_042_900
            $0.times.queue = 12_000
            $0.times.connect = 210_000
            $0.times.header = 2_100_000
        }
        #expect(
            text
                == #"{"ts":"2026-11-25T02:17:02.007Z","id":"an-id","client":"192.0.2.7","#
                + #""peer":"192.0.2.7:51234","method":"GET","host":"h:80","path":"/a?b=c","#
                + #""proto":"HTTP/1.1","status":200,"backend":"10.0.0.2:8080","tries":2,"picked":"retry","#
                + #""in":3,"out":1270,"ms":{"total":3.042,"connect":0.210,"header":2.100,"queue":0.012},"#
                + #""end":"ok","ua":"curl/8","ref":"http://r/"}"# + "\n"
        )
    }

    @Test func `json says null for what is not there and what went wrong`() {
        let text = line(.json, [\.id: [65]], nil) {
            $0.client = "fe80::1%\"0"
            $0.peerPort = 9
            $0.status = 400
            $0.end = .badRequest
            $0.failure = AccessLogEntry.Failure("Bad.", detail: "Worse.")
        }
        #expect(
            text
                == #"{"ts":"2026-11-25T02:17:02.007Z","id":"A","client":"fe80::1%\"0","#
                + #""peer":"[fe80::1%\"0]:9","method":null,"host":null,"path":null,"#
                + #""proto":null,"status":400,"backend":null,"tries":0,"picked":null,"#
                + #""in":0,"out":0,"ms":{"total":0.000,"connect":null,"header":null,"queue":null},"#
                + #""end":"bad_request","ua":null,"ref":null,"error":"Bad. Worse."}"# + "\n"
        )
        #expect(line(.json, [\.userAgent: []]).contains(#""ua":"","#))
        #expect(line(.json, browser, 0).contains(#""proto":"HTTP/1.0""#))
        #expect(line(.json, browser) { $0.client = "@" }.contains(#""client":"@","peer":null,"#))
    }

    private func json(_ bytes: [UInt8]) -> String {
        let writer = ByteWriter()
        writer.appendJSON(bytes.span, 0..<bytes.count)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func `json escapes every single byte`() {
        for byte in UInt8.min...UInt8.max {
            let digits = String(byte, radix: 16)
            let text =
                switch byte {
                case 0x09: "\\t"
                case 0x0A: "\\n"
                case 0x0D: "\\r"
                case 0x22: "\\\""
                case 0x5C: "\\\\"
                case 0x20...0x7E: String(UnicodeScalar(byte))
                default: "\\u00" + (byte < 16 ? "0" : "") + digits
                }
            #expect(json([60, byte, 62]) == "\"<\(text)>\"")
            #expect(json([byte]) == "\"\(text)\"")
        }
    }

    @Test(
        arguments: [
            ("\u{E9}\u{20AC}\u{1F600}", "\u{E9}\u{20AC}\u{1F600}"),
            ("\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}", nil),
            ("a\u{85}b", "a\\u0085b"), ("\u{80}\u{9F}\u{A0}", "\\u0080\\u009f\u{A0}"),
            ("\u{2027}\u{2028}\u{2029}\u{202E}\u{202F}", "\u{2027}\\u2028\\u2029\\u202e\u{202F}"),
            (
                "\u{205F}\u{2060}\u{2066}\u{2069}\u{206F}\u{2070}",
                "\u{205F}\\u2060\\u2066\\u2069\\u206f\u{2070}"
            ),
            ("\u{61B}\u{61C}\u{61D}", "\u{61B}\\u061c\u{61D}"),
            ("\u{200A}\u{200B}\u{200E}\u{200F}\u{2010}", "\u{200A}\\u200b\\u200e\\u200f\u{2010}"),
            ("\u{FEFE}\u{FEFF}\u{FF00}", "\u{FEFE}\\ufeff\u{FF00}"),
            ("\u{FFF8}\u{FFF9}\u{FFFB}\u{FFFC}", "\u{FFF8}\\ufff9\\ufffb\u{FFFC}"),
        ] as [(String, String?)]
    )
    func `json keeps UTF-8 but for what deceives`(_ text: String, _ expected: String?) {
        #expect(json(Array(text.utf8)) == "\"\(expected ?? text)\"")
    }

    @Test(
        arguments: [
            ([0xC3], "\\u00c3"), ([0xC3, 0x28], "\\u00c3("), ([0xC0, 0x80], "\\u00c0\\u0080"),
            ([0xE0, 0x80, 0x80], "\\u00e0\\u0080\\u0080"), ([0xED, 0xA0, 0x80], "\\u00ed\\u00a0\\u0080"),
            ([0xF4, 0x90, 0x80, 0x80], "\\u00f4\\u0090\\u0080\\u0080"), ([0xE2, 0x82], "\\u00e2\\u0082"),
            ([0xF0, 0x9F, 0x98], "\\u00f0\\u009f\\u0098"), ([0xE2, 0x28, 0xA1], "\\u00e2(\\u00a1"),
            ([0xFF, 0xC3, 0xA9], "\\u00ff\u{E9}"),
        ] as [([UInt8], String)]
    )
    func `json takes what is no UTF-8 for ISO 8859-1`(_ bytes: [UInt8], _ expected: String) {
        #expect(json(bytes) == "\"\(expected)\"")
    }

    @Test func `the time is right across seconds and days`() {
        let log = AccessLog(.json)
        let entry = AccessLogEntry(client: "c", status: 200)
        let bytes: [UInt8] = []
        let moments = [(951_782_399, 999), (951_782_400, 0), (951_782_400, 12), (0, 1)]
        for (seconds, milliseconds) in moments {
            let time = LogTime(seconds: seconds, milliseconds: milliseconds, utcOffset: 3600)
            log.append(entry, bytes.span, at: time)
        }
        let lines = String(decoding: log.pending.bytes, as: UTF8.self).split(separator: "\n")
        #expect(
            lines.map { String($0.dropFirst(7).prefix(24)) } == [
                "2000-02-28T23:59:59.999Z", "2000-02-29T00:00:00.000Z", "2000-02-29T00:00:00.012Z",
                "1970-01-01T00:00:00.001Z",
            ]
        )
    }
}
