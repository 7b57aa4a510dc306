internal import HTTPMessages
internal import Observability
internal import Proxying

/// What a backend gets of a client's bytes: every careless reader sees one request, the one that the client sent.
enum ForwardedRequest {
    private static let client = "192.0.2.7"
    private static let localAuthority = "127.0.0.1:8000"

    static func check(_ input: [UInt8]) throws(Finding) -> Bool {
        var isAccepted = false
        var rest = input
        // Requests may follow one another on a connection.
        while let next = try checkFirst(rest) {
            isAccepted = true
            guard next < rest.count else { break }
            rest.removeFirst(next)
        }
        return isAccepted
    }

    /// Checks the request at the start of `input`.
    ///
    /// - Returns: where the next one begins, or `nil` when the connection closes.
    private static func checkFirst(_ input: [UInt8]) throws(Finding) -> Int? {
        let head = RequestHead()
        guard let length = (try? head.parse(input.span, limits: fuzzLimits)) ?? nil, head.kind != .connect
        else {
            return nil
        }
        guard let request = StrictReader.request(input) else {
            throw Finding("the head is accepted against the grammar", input)
        }
        let upgrades = head.offersUpgrade(input.span)
        let written = try checkHead(head, request, input, upgrades: upgrades)
        let nominated = ByteWriter()
        head.connection.copyNominated(input.span, to: nominated)
        var complete: Int?
        for ends in Cuts.all(of: input) {
            let relay = Relay(
                input,
                from: length,
                head.framing,
                asChunks: head.framing == .chunked,
                without: nominated,
                ends: ends
            )
            let reading = try LenientReader.read(written + relay.output, .request)
            guard case .complete(let end) = relay.end else {
                guard reading == .incomplete else { throw Finding("a broken request looks complete", input) }
                continue
            }
            complete = end
            guard reading == .message(body: relay.data, end: written.count + relay.output.count) else {
                throw Finding("readers see another request, or two", input)
            }
        }
        return complete
    }

    /// Checks the head that is written for `request`, and returns it.
    private static func checkHead(
        _ head: RequestHead,
        _ request: StrictReader.Request,
        _ input: [UInt8],
        upgrades: Bool
    ) throws(Finding) -> [UInt8] {
        let output = ByteWriter()
        let marks = RequestRewriter.write(
            head,
            input.span,
            from: RequestRewriter.Origin(client: client, localAuthority: localAuthority),
            upgrades: upgrades,
            ids: RequestIDSource(first: 1, second: 2),
            to: output
        )
        let bytes = output.bytes
        // The gateway's own fields come on top of what a client may send.
        let limits = HeadLimits(maxSize: .max, maxFields: fuzzLimits.maxFields + 8)
        guard let written = StrictReader.request(bytes, limits: limits), written.length == bytes.count else {
            throw Finding("no strict reader takes \(quoted(bytes)) for", input)
        }
        guard written.method == request.method, written.framing == request.framing, written.minorVersion == 1,
            written.target == target(of: request)
        else { throw Finding("another request is written", input) }
        let expected = expectedFields(
            request,
            upgrades: upgrades ? head.upgrade.map { Array(input[$0]) } : nil
        )
        guard written.fields.map(withoutHops) == expected.map(withoutHops) else {
            throw Finding("other fields are written: \(quoted(bytes)) for", input)
        }
        func last(_ key: String) -> [UInt8] { written.fields.last { $0.key == key }?.value ?? [] }
        let marked = [marks.method, marks.path, marks.host, marks.userAgent, marks.referer, marks.id]
        let meant = [
            Array(written.method.utf8), written.target, last("host"), last("user-agent"), last("referer"),
            last("x-request-id"),
        ]
        guard marked.map({ Array(bytes[$0]) }) == meant else {
            throw Finding("the log's marks are misplaced", input)
        }
        return bytes
    }

    /// The target in origin form or `*` (RFC 9112 §3.2.1, §3.2.4).
    private static func target(of request: StrictReader.Request) -> [UInt8] {
        let authority = authority(of: request)
        let path = Targets.path(of: request.target, authority: authority)
        if authority.isEmpty || path.first == 47 { return path }
        return path.isEmpty && request.method == "OPTIONS" ? [42] : [47] + path
    }

    private static func authority(of request: StrictReader.Request) -> [UInt8] {
        Targets.authority(of: request.target, method: request.method) ?? []
    }

    // MARK: Fields

    /// Everything that reaches the backend, in order.
    private static func expectedFields(
        _ request: StrictReader.Request,
        upgrades protocols: [UInt8]?
    ) -> [StrictReader.Field] {
        let authority = authority(of: request)
        let nominated = StrictReader.nominated(by: request.fields) ?? []
        var fields: [StrictReader.Field] = []
        var host = authority.isEmpty ? nil : authority
        for field in request.fields {
            if field.key == "host" {
                host = host ?? field.value
                fields.append(.init(field.name, host ?? []))
            } else if !endsHere(field), !nominated.contains(field.key),
                field.key != "expect" || request.minorVersion > 0
            {
                fields.append(field)
            }
        }
        if !fields.contains(where: { $0.key == "host" }) {
            fields.insert(.init(Array("Host".utf8), host ?? Array(localAuthority.utf8)), at: 0)
        }
        fields += [.init("X-Forwarded-For", client), .init("X-Forwarded-Proto", "http")]
        if let host { fields.append(.init(Array("X-Forwarded-Host".utf8), host)) }
        fields.append(.init("Via", "1.\(request.minorVersion) swerve"))
        fields.append(.init(Array("X-Request-Id".utf8), id(of: request)))
        if let protocols {
            fields += [.init("Connection", "upgrade"), .init(Array("Upgrade".utf8), protocols)]
        }
        switch request.framing {
        case nil: break
        case .length(let count): fields.append(.init("Content-Length", String(count)))
        case .chunked: fields.append(.init("Transfer-Encoding", "chunked"))
        case .none?, .untilClose: fields.append(.init("Content-Length", "0"))
        }
        return fields
    }

    /// The client's own id when there is one and nobody can mistake it for something else, or a new one.
    private static func id(of request: StrictReader.Request) -> [UInt8] {
        let ids = request.fields.filter { $0.dashedKey == "x-request-id" }.map(\.value)
        if ids.count == 1, (1...128).contains(ids[0].count),
            ids[0].allSatisfy({ (33...126).contains($0) && !"\"',;<>\\`".utf8.contains($0) })
        {
            return ids[0]
        }
        let output = ByteWriter()
        RequestIDSource(first: 1, second: 2).append(to: output)
        return output.bytes
    }

    /// What a gateway does not pass on (RFC 9110 §7.6.1), and what claims to know the client.
    private static func endsHere(_ field: StrictReader.Field) -> Bool {
        let dashed = field.dashedKey
        return dashed.hasPrefix("x-forwarded-") || ["x-real-ip", "x-request-id"].contains(dashed)
            || [
                "connection", "content-length", "forwarded", "keep-alive", "proxy-authenticate",
                "proxy", "proxy-authorization", "proxy-connection", "te", "transfer-encoding", "upgrade",
            ].contains(field.key)
    }

    /// A count of hops goes down, which has tests of its own.
    private static func withoutHops(_ field: StrictReader.Field) -> StrictReader.Field {
        field.key == "max-forwards" ? .init(field.name, []) : field
    }
}
