internal import HTTPMessages
internal import Proxying

/// What a client gets of a backend's bytes: every careless reader sees one answer, the one that the backend gave.
enum ForwardedResponse {
    /// Who asked, and how.
    private struct Asker {
        var method: RequestMethod
        var speaks11: Bool
        var keeps: Bool
    }

    static func check(_ input: [UInt8]) throws(Finding) -> Bool {
        var isAccepted = false
        for method in [RequestMethod.other, .head] {
            for speaks11 in [true, false] {
                let asker = Asker(method: method, speaks11: speaks11, keeps: input.count % 2 == 0)
                if try check(input, for: asker) { isAccepted = true }
            }
        }
        return isAccepted
    }

    private static func check(_ input: [UInt8], for asker: Asker) throws(Finding) -> Bool {
        let head = ResponseHead()
        var rest = input
        while true {
            guard let length = (try? head.parse(rest.span, limits: fuzzLimits)) ?? nil else { return false }
            guard let response = StrictReader.response(rest) else {
                throw Finding("the head is accepted against the grammar", rest)
            }
            if head.status >= 200 {
                try checkFinal(head, response, rest, length, for: asker)
                return true
            }
            try checkInterim(head, response, rest)
            guard head.status != 101 else { return true }
            rest.removeFirst(length)
        }
    }

    /// The id that the request had.
    private static func id() -> RequestIDText {
        let writer = ByteWriter()
        writer.append("an-id")
        return RequestIDText(writer, 0..<5)
    }

    private static func checkInterim(
        _ head: ResponseHead,
        _ response: StrictReader.Response,
        _ input: [UInt8]
    ) throws(Finding) {
        let output = ByteWriter()
        if head.status == 101 {
            let plan = ResponseRewriter.Plan(
                framing: .none,
                closes: false,
                announcesKeepAlive: false,
                upgrades: true,
                wallSeconds: 0
            )
            ResponseRewriter.write(head, input.span, plan: plan, id: id(), to: output)
        } else {
            ResponseRewriter.writeInterim(head, input.span, to: output)
        }
        let added: [StrictReader.Field] =
            head.status == 101
            ? [.init("Via", "1.1 swerve"), .init("X-Request-Id", "an-id"), .init("Connection", "upgrade")]
            : []
        try checkHead(output.bytes, response, added, input)
        guard try LenientReader.read(output.bytes, .none) == .message(body: [], end: output.count) else {
            throw Finding("readers see another interim answer, or two", input)
        }
    }

    private static func checkFinal(
        _ head: ResponseHead,
        _ response: StrictReader.Response,
        _ input: [UInt8],
        _ length: Int,
        for asker: Asker
    ) throws(Finding) {
        let framing = head.framing(answering: asker.method)
        let sent = framingForClient(framing, asker)
        let keeps = asker.keeps && sent != .untilClose
        let connection = keeps ? asker.speaks11 ? nil : "keep-alive" : "close"
        let output = ByteWriter()
        let plan = ResponseRewriter.Plan(
            framing: sent,
            closes: !keeps,
            announcesKeepAlive: keeps && !asker.speaks11,
            upgrades: false,
            wallSeconds: 784_111_777
        )
        ResponseRewriter.write(head, input.span, plan: plan, id: id(), to: output)
        let written = output.bytes
        try checkHead(written, response, additions(to: response, sent, connection), input)
        let isBodiless = framing == .none && (asker.method == .head || [204, 304].contains(head.status))
        for ends in Cuts.all(of: input) {
            let relay = Relay(input, from: length, framing, asChunks: sent == .chunked, ends: ends)
            let reading = try LenientReader.read(written + relay.output, isBodiless ? .none : .response)
            guard case .complete = relay.end else {
                // An answer that ends with the connection is cut off by a reset.
                guard sent == .untilClose || reading == .incomplete else {
                    throw Finding("a broken answer looks complete", input)
                }
                continue
            }
            guard reading == .message(body: relay.data, end: written.count + relay.output.count) else {
                throw Finding("readers see another answer, or two", input)
            }
        }
    }

    private static func framingForClient(_ framing: BodyFraming, _ asker: Asker) -> BodyFraming {
        switch framing {
        case .none, .length: framing
        case .chunked, .untilClose: asker.speaks11 ? .chunked : .untilClose
        }
    }

    // MARK: The head

    /// Checks the head `bytes` that was written for `response`: what passes, and behind it what the gateway adds.
    private static func checkHead(
        _ bytes: [UInt8],
        _ response: StrictReader.Response,
        _ added: [StrictReader.Field],
        _ input: [UInt8]
    ) throws(Finding) {
        let limits = HeadLimits(maxSize: .max, maxFields: fuzzLimits.maxFields + 8)
        guard let written = StrictReader.response(bytes, limits: limits), written.length == bytes.count else {
            throw Finding("no strict reader takes \(quoted(bytes)) for", input)
        }
        guard written.status == response.status, written.reason == response.reason, written.minorVersion == 1
        else { throw Finding("another status is written", input) }
        let nominated = StrictReader.nominated(by: response.fields) ?? []
        let passing = response.fields.filter { field in
            if field.key == "upgrade", response.status == 101 { return !nominated.contains("upgrade") }
            return !endsHere(field) && (field.key == "date" || !nominated.contains(field.key))
        }
        guard written.fields == passing + added else {
            throw Finding("other fields are written: \(quoted(bytes)) for", input)
        }
    }

    private static func additions(
        to response: StrictReader.Response,
        _ sent: BodyFraming,
        _ connection: String?
    ) -> [StrictReader.Field] {
        var fields: [StrictReader.Field] = []
        if !response.fields.contains(where: { $0.key == "date" }) {
            fields.append(.init("Date", "Sun, 06 Nov 1994 08:49:37 GMT"))
        }
        fields += [.init("Via", "1.1 swerve"), .init("X-Request-Id", "an-id")]
        switch (sent, response.framing) {
        case (.length(let count), _): fields.append(.init("Content-Length", String(count)))
        case (.chunked, _): fields.append(.init("Transfer-Encoding", "chunked"))
        case (.none, .length(let count)) where response.status != 204:
            fields.append(.init("Content-Length", String(count)))
        case (.none, BodyFraming.none?) where response.status != 204:
            fields.append(.init("Content-Length", "0"))
        case (.none, _), (.untilClose, _): break
        }
        if let connection { fields.append(.init("Connection", connection)) }
        return fields
    }

    private static func endsHere(_ field: StrictReader.Field) -> Bool {
        field.dashedKey == "x-request-id"
            || [
                "connection", "content-length", "keep-alive", "proxy-authenticate", "proxy-connection", "te",
                "transfer-encoding", "upgrade",
            ].contains(field.key)
    }
}
