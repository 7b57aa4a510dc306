internal import HTTPMessages
internal import Proxying

/// A body on its way through the gateway: decoded as it arrives, framed anew as it leaves.
struct Relay: Equatable {
    enum End: Equatable {
        /// All of it came, and the bytes from here on are the next message's.
        case complete(Int)
        /// The input ended first.
        case missing
        /// It was refused.
        case refused(MessageError)
    }

    /// The data that was read.
    private(set) var data: [UInt8] = []
    /// What was written.
    private(set) var output: [UInt8] = []
    private(set) var end = End.missing

    /// Takes the body in `input` behind `start`, given in pieces that end at `ends`, without the trailers nominated.
    init(
        _ input: [UInt8],
        from start: Int,
        _ framing: BodyFraming,
        asChunks: Bool,
        without nominated: ByteWriter = ByteWriter(),
        ends: [Int]
    ) {
        var decoder = BodyDecoder(framing, maxTrailers: fuzzLimits.maxSize)
        let writer = ByteWriter()
        do {
            var given = start
            for end in ends where end > start || end == ends.last {
                var position = given
                while true {
                    let bytes = input.span.extracting(..<end)
                    let step = try decoder.next(bytes, at: &position)
                    if step == .needsMore { break }
                    if case .data(let piece) = step {
                        data += input[piece]
                        if asChunks { writer.appendChunk(bytes, piece) } else { writer.append(bytes, piece) }
                        continue
                    }
                    let trailers = decoder.takeTrailers()
                    if asChunks {
                        try writer.appendLastChunk(trailers, without: nominated, limits: fuzzLimits)
                    } else if let trailers {
                        try TrailerSection.check(trailers, limits: fuzzLimits)
                    }
                    self.end = .complete(position)
                    output = writer.bytes
                    return
                }
                given = end
            }
            if decoder.endsAtClose {
                if asChunks { writer.append("0\r\n\r\n") }
                end = .complete(input.count)
            }
        } catch {
            end = .refused(error)
        }
        output = writer.bytes
    }

    /// The same body, with what only depends on how it was cut left out.
    var meaning: Relay {
        var meaning = self
        meaning.output = []
        return meaning
    }
}
