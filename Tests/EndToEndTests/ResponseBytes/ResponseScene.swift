import TestSupport
import Testing

/// A row on the stage: its origin's script and its client's expectations.
struct ResponseScene: Sendable {
    let row: ResponseRow
    let target: String
    let nextTarget: String
    /// The right answer to the next request.
    let fine: String
    /// The client has all of the answer that it is to get before the origin goes on.
    let isSeen = Gate()
    /// The origin's connection rests.
    let isResting = Gate()
    /// The origin has done on it what it should not.
    let hasSpoken = Gate()

    init(_ row: ResponseRow, _ number: Int) {
        self.row = row
        target = "/row/\(number)"
        nextTarget = "/next/\(number)"
        fine = "fine \(number)"
    }

    // MARK: The origin

    var script: PeerScript {
        { request in
            if request.target == target { return rowActions }
            return nextActions(isReused: request.ordinal > 1)
        }
    }

    private var rowActions: [PeerAction] {
        let body: [PeerAction] = row.ask.isComplete ? [.readBody] : []
        let rest = row.next.atRest + row.next.inTheInstant
        guard !rest.isEmpty else { return body + row.origin.map(action) }
        let spoken = PeerAction.run { _ in hasSpoken.open() }
        // Behind its end a connection does nothing more; whoever waits for that waits for the end as well.
        let said = rest.filter { !$0.endsConnection }.map(action) + [spoken]
        let ends = rest.filter(\.endsConnection).map(action)
        return body + row.origin.map(action) + [.wait(isResting)] + said + ends
    }

    private func nextActions(isReused: Bool) -> [PeerAction] {
        if isReused, !row.next.onReuse.isEmpty { return [.readBody] + row.next.onReuse.map(action) }
        // It ends its connection, so that the next row begins with an empty pool.
        return [.readBody, .send(answerText(fine, ["Connection: close"]))]
    }

    private func action(_ step: OriginStep) -> PeerAction {
        switch step {
        case .send(let text): .send(text)
        case .bytes(let bytes): .bytes(bytes)
        case .drip(let text, let pause):
            .run { connection in
                for byte in text.utf8 {
                    try connection.send([byte])
                    pass(pause)
                }
            }
        case .untilSeen: .wait(isSeen)
        case .read(let count): .run { _ = try $0.read(exactly: count) }
        case .close: .close
        case .halfClose: .run { $0.shutDownWriting() }
        case .reset: .reset
        case .silence: .stall
        }
    }

    // MARK: The client

    /// Reads what the row says.
    ///
    /// - Returns: whether the client's connection can carry the next exchange.
    func expectOutcome(_ client: RawClient) throws -> Bool {
        switch row.outcome {
        case .answer(let answer): return try expectAnswer(answer, client)
        case .failure(let status): return try expectFailure(status, client)
        case .cut(let answer, let ending):
            try expectCut(answer, ending, client)
            return false
        }
    }

    private func expectAnswer(_ answer: ExpectedAnswer, _ client: RawClient) throws -> Bool {
        let head = try client.readHead()
        isSeen.open()
        expectHead(answer, head)
        let outcome = client.readRest(of: head, to: row.ask.method)
        let response = try #require(outcome.response, "\(outcome)")
        #expect(response.text == answer.body)
        #expect(response.trailers.map(\.description) == answer.trailers)
        return expectEnd(client, isOpen: row.ask.wantsKeepAlive && answer.framing != .untilClose)
    }

    private func expectFailure(_ status: Int, _ client: RawClient) throws -> Bool {
        let response = try client.readResponse(to: row.ask.method)
        #expect(response.status == status)
        #expect(response["Content-Type"]?.hasPrefix("text/plain") == true)
        #expect(response["Server"] == "swerve")
        #expect(response.body.isEmpty == (row.ask.method == "HEAD"))
        // A failure ends the connection of every client that speaks HTTP/1.0.
        let isOpen = row.ask.isComplete && row.ask.version == "HTTP/1.1"
        #expect(response.announcesClose == !isOpen)
        return expectEnd(client, isOpen: isOpen)
    }

    private func expectEnd(_ client: RawClient, isOpen: Bool) -> Bool {
        if !isOpen { #expect(client.waitForClose() == .closed) }
        return isOpen
    }

    private func expectCut(_ answer: ExpectedAnswer, _ ending: StreamEnding, _ client: RawClient) throws {
        expectHead(answer, try client.readHead())
        var raw: [UInt8] = []
        var body = Dechunked(raw, isChunked: answer.framing == .chunked)
        while body.bytes.count < answer.body.utf8.count {
            let byte = client.read(exactly: 1)
            guard !byte.isEmpty else { break }
            raw += byte
            body = Dechunked(raw, isChunked: answer.framing == .chunked)
        }
        isSeen.open()
        let (rest, end) = client.readToEnd()
        body = Dechunked(raw + rest, isChunked: answer.framing == .chunked)
        #expect(String(decoding: body.bytes, as: UTF8.self) == answer.body)
        // To a recipient the last chunk alone is the end of the body (RFC 9112 §8).
        #expect(!body.hasLastChunk)
        #expect(end == ending)
    }

    private func expectHead(_ answer: ExpectedAnswer, _ response: Response) {
        #expect(response.interim.map(\.headText) == answer.interim)
        var lines = response.headText.split(separator: "\r\n").map(String.init)
        if let date = lines.firstIndex(where: { $0.hasPrefix("Date: ") }) { lines.remove(at: date) }
        let ids = lines.indices.filter { lines[$0].wholeMatch(of: /X-Request-Id: [0-9a-f]{32}/) != nil }
        #expect(ids.count == 1)
        if let id = ids.first { lines.remove(at: id) }
        #expect(lines == answer.head(to: row.ask))
    }
}

extension OriginStep {
    /// Whether nothing of the connection is left behind this step.
    var endsConnection: Bool {
        switch self {
        case .close, .reset: true
        case .send, .bytes, .drip, .untilSeen, .read, .halfClose, .silence: false
        }
    }
}

/// As much of a body as can be told from bytes that may break off anywhere.
private struct Dechunked {
    private(set) var bytes: [UInt8] = []
    private(set) var hasLastChunk = false

    init(_ raw: [UInt8], isChunked: Bool) {
        guard isChunked else {
            bytes = raw
            return
        }
        var rest = raw[...]
        while let end = rest.firstIndex(of: 10) {
            let line = String(decoding: rest[..<end], as: UTF8.self)
            guard let size = Int(line.dropLast(), radix: 16) else { return }
            hasLastChunk = size == 0
            guard size > 0 else { return }
            bytes += rest[(end + 1)...].prefix(size)
            rest = rest[(end + 1)...].dropFirst(size + 2)
        }
    }
}
