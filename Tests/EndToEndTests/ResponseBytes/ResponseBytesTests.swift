import Testing

/// Byte for byte: what an origin may say, what becomes of it, and that the next exchange never hears of it.
@Suite(.serialized, .responseBench()) struct ResponseBytesTests {
    private func play(_ row: ResponseRow) throws {
        try #require(ResponseBench.current).play(row)
    }

    @Test(arguments: ResponseRow.brokenStatusLines)
    func `a first line that is no status line`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.unusualStatusLines)
    func `a status line that passes`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.otherProtocols)
    func `another protocol`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.brokenFields)
    func `a line that is no field`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.unusualFields)
    func `a field that passes or ends here`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.sizes)
    func `a head at its limits`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.doubtfulFramings)
    func `a framing with two readings`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.unusualFramings)
    func `a framing with one reading`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.lengths)
    func `a body against its length`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.brokenChunks)
    func `a broken chunk`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.unfinishedChunks)
    func `chunks without an end`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.unusualChunks)
    func `chunks that pass`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.trailers)
    func `trailers that pass or end here`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.brokenTrailers)
    func `broken trailers`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.bodiless)
    func `an answer that has no body`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.untilClose)
    func `a body until the end of the connection`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.early)
    func `an answer before the end of the request`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.interim)
    func `an interim answer`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.brokenInterim)
    func `an interim answer that leads nowhere`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.switches)
    func `a switch of protocols`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.endings)
    func `an end before the head`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.persistence)
    func `what an answer says of its connection`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.atRest)
    func `a disturbance at rest`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.inTheInstant)
    func `a disturbance in the instant of reuse`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.lateBodies)
    func `a late body that may not be`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.onReuse)
    func `a broken answer on a connection that had rested`(_ row: ResponseRow) throws { try play(row) }
}

/// The same for origins that make everybody wait.
@Suite(.serialized, .responseBench("--response-timeout", "1200ms", "--read-timeout", "1200ms"))
struct ResponseSilenceTests {
    private func play(_ row: ResponseRow) throws {
        try #require(ResponseBench.current).play(row)
    }

    @Test(arguments: ResponseRow.lateHeads)
    func `a head that does not come`(_ row: ResponseRow) throws { try play(row) }

    @Test(arguments: ResponseRow.lateBodiesInTime)
    func `a body that does not go on`(_ row: ResponseRow) throws { try play(row) }
}
