import Observability
import Testing

@testable import HTTPMessages
@testable import Proxying

/// Heads for the tests that look at what any head becomes.
let requestCorpus = [
    "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    "\r\nGET /a?b=c HTTP/1.1\r\nHost: h:80\r\nUser-Agent: curl/8\r\nAccept: */*\r\n\r\n",
    "POST /p HTTP/1.1\r\nHost:h\r\nContent-Length: 17\r\nContent-Type: a/b\r\nExpect: 100-continue\r\n\r\n",
    "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\nTE: trailers\r\n\r\n",
    "PUT / HTTP/1.1\r\nhost: h\r\ncontent-length:0\r\nX:\r\nX: \t1 \r\n\r\n",
    "GET http://a.b:81/x HTTP/1.1\r\nHost: h\r\nForwarded: for=x\r\nX-Forwarded-For: 1\r\n\r\n",
    "GET http://[::1]:81?x HTTP/1.0\r\nUser-Agent: u\r\n\r\n",
    "OPTIONS http://a HTTP/1.1\r\nHost: h\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: [2001:db8::1]\r\nVia: 1.1 x\r\n\r\n",
    "GET / HTTP/1.0\r\nExpect: 100-continue\r\nConnection: keep-alive, x\r\nX: 1\r\nKeep-Alive: 5\r\n\r\n",
    "GET /c HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade, host, Content-Length\r\n\r\n",
    "DELETE /\u{7e} HTTP/1.9\r\nHost: h\r\nX-Real-IP: 1\r\nProxy-Connection: a\r\nZ: \u{e9}\u{ff}\r\n\r\n",
    "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nProxy-Authorization: b\r\n\r\n",
]

/// What is the gateway's own in a rewritten head, and so differs from one hop to the next.
private func isAdded(_ line: String) -> Bool {
    line.hasPrefix("Via: ") || line.hasPrefix("X-Forwarded-")
}

/// Whether the head written for `request` is read by a strict reader as the same request.
func problem(rewriting request: Request, upgrades: Bool) throws -> String? {
    let (bytes, marks) = request.rewritten(upgrades: upgrades)
    guard let again = try Request(bytes) else { return "incomplete" }
    if again.bytes.count != bytes.count { return "something stands behind it" }
    if again.head.framing != request.head.framing { return "framing \(again.head.framing)" }
    if again.head.declaresLength != request.head.declaresLength { return "another length" }
    if again.text(again.head.method) != request.text(request.head.method) { return "another method" }
    if again.authority != request.authority ?? "127.0.0.1:8000" { return "host \(again.authority ?? "-")" }
    if again.head.minorVersion != 1 { return "another version" }
    let names = again.head.fields.lines.map(\.name)
    if names.count(where: { $0 == .host }) != 1 { return "not one host" }
    if names.count(where: { $0 == .contentLength || $0 == .transferEncoding }) > 1 { return "two framings" }
    let claims = names.count { $0 == .xForwarded }
    if claims != (request.authority == nil ? 2 : 3) { return "\(claims) X-Forwarded" }
    if names.contains(where: { $0 == .xRealIP || $0 == .forwarded || $0 == .te }) { return "a claim passed" }
    if again.text(again.head.method) != unwire(bytes[marks.method]) { return "the method's mark" }
    if again.text(again.head.targetRange) != unwire(bytes[marks.path]) { return "the path's mark" }
    if again.text(again.head.userAgent ?? 0..<0) != unwire(bytes[marks.userAgent]) {
        return "the agent's mark"
    }
    guard again.head.maxForwards == nil else { return nil }
    guard let third = try Request(again.rewritten(upgrades: upgrades).bytes) else { return "incomplete" }
    let fields = [again, third].map { $0.lines.filter { !isAdded($0) } }
    return fields[0] == fields[1] ? nil : "other fields the second time"
}

@Suite struct RewrittenRequestTests {
    @Test(arguments: requestCorpus)
    func `what is written is read as the same request, and stays the same from then on`(_ text: String) throws
    {
        let request = try #require(try Request(wire(text)))
        for upgrades in [false, true] {
            #expect(try problem(rewriting: request, upgrades: upgrades) == nil)
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `mutated heads never trap, and whatever is accepted is read as the same request`(_ seed: UInt64) {
        var mutation = Mutation(seed: seed, corpus: requestCorpus.map { wire($0) })
        var accepted = 0
        for _ in 0..<10_000 {
            let bytes = mutation.next()
            guard let request = try? Request(bytes) else { continue }
            accepted += 1
            do {
                guard let problem = try problem(rewriting: request, upgrades: accepted % 2 == 0) else {
                    continue
                }
                Issue.record("\(problem) after \(unwire(bytes).debugDescription)")
            } catch {
                Issue.record("\(error) after \(unwire(bytes).debugDescription)")
            }
        }
        // A mutation that breaks everything would prove nothing.
        #expect(accepted > 1000)
    }

    @Test(arguments: [5, 6] as [UInt64])
    func `mutated answers never trap, and whatever is accepted keeps its status and framing`(_ seed: UInt64) {
        let corpus = [
            "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nDate: d\r\n\r\n",
            "HTTP/1.1 200\r\nTransfer-Encoding:chunked\r\nConnection: close, x\r\nX: 1\r\n\r\n",
            "HTTP/1.0 304 Not Modified\r\ncontent-length: 0\r\nKeep-Alive: timeout=5, max=1\r\n\r\n",
            "HTTP/1.1 404 \r\nServer: a\r\nUpgrade: h2\r\nE:\r\n\r\n", "HTTP/1.1 204 No\r\n\r\n",
        ]
        var mutation = Mutation(seed: seed, corpus: corpus.map { wire($0) })
        var accepted = 0
        for _ in 0..<10_000 {
            let bytes = mutation.next()
            let head = ResponseHead()
            guard let length = try? head.parse(bytes.span, limits: testLimits), head.status >= 200 else {
                continue
            }
            accepted += 1
            let method: RequestMethod = accepted % 3 == 0 ? .head : .other
            let framing = head.framing(answering: method)
            let output = ByteWriter()
            let plan = ResponseRewriter.Plan(
                framing: framing,
                closes: false,
                announcesKeepAlive: false,
                upgrades: false,
                wallSeconds: 0
            )
            ResponseRewriter.write(
                head,
                bytes.span.extracting(0..<length),
                plan: plan,
                id: answerID,
                to: output
            )
            let again = ResponseHead()
            let end = try? again.parse(output.bytes.span, limits: testLimits)
            let isSame = again.status == head.status && again.framing(answering: method) == framing
            if end != output.count || !isSame { Issue.record("\(unwire(bytes).debugDescription)") }
        }
        #expect(accepted > 1000)
    }
}
