internal import Events
internal import HTTPMessages

/// The bodies of requests, taken apart for their exchanges.
extension HTTP1Session {
    /// Takes all of the body that is there, if the exchange takes any now.
    ///
    /// - Parameters:
    ///   - bytes: what has come.
    ///   - start: where in it the body goes on.
    /// - Returns: where the rest begins.
    func takeBody(_ bytes: Span<UInt8>, from start: Int) -> Int {
        guard let exchange else { return bytes.count }
        guard exchange.prepareForBody() else { return start }
        var position = start
        do {
            let direct = try decodeBody(bytes, at: &position, for: exchange)
            let goesOn = exchange.flushBody(bytes.extracting(direct), isEnd: body.isFinished)
            if body.isFinished {
                connection.clearDeadline()
                phase = .waiting
            } else if goesOn {
                connection.setDeadline(after: exchange.bodyLimit)
            }
        } catch {
            exchange.end(with: .refused(error))
        }
        return position
    }

    /// Takes the body apart: what is framed anew is given to the exchange, anything else is returned as the range to
    /// pass on as it is.
    private func decodeBody(
        _ bytes: Span<UInt8>,
        at position: inout Int,
        for exchange: Exchange
    ) throws(MessageError) -> Range<Int> {
        var direct = position..<position
        while true {
            switch try body.next(bytes, at: &position) {
            case .needsMore: return direct
            case .data(let piece):
                try exchange.countBody(piece.count)
                if exchange.framesBody { exchange.appendBody(bytes, piece) } else { direct = piece }
                if body.isFinished { return direct }
            case .end:
                if exchange.framesBody { try exchange.appendBodyEnd(body.takeTrailers()) }
                return direct
            }
        }
    }

    /// Stops reading when too much waits here.
    func boundHeld(_ count: Int) {
        if count >= Proxy.holdLimit, phase != .closing { connection.pauseReading() }
    }
}
