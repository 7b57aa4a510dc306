/// Exchanges at rest, whose memory serves again.
///
/// What ends in a turn of the loop may have frames that still run, so it serves again in a later turn only.
struct SpareExchanges {
    /// Linked one behind the other.
    private var spare: Exchange?
    /// Those that ended in `endedTurn`, linked the same way.
    private var ended: Exchange?
    /// The one of them that ended first, the last in the list.
    private var firstEnded: Exchange?
    private var endedTurn: UInt64 = 0

    /// Takes one, if one is at rest.
    ///
    /// - Parameter turn: the number of the present turn.
    /// - Returns: one that ended in an earlier turn, or `nil` when there is none.
    mutating func take(in turn: UInt64) -> Exchange? {
        if endedTurn != turn { restEnded() }
        guard let exchange = spare else { return nil }
        spare = exchange.nextAtRest
        exchange.nextAtRest = nil
        return exchange
    }

    /// Puts one back that is over.
    ///
    /// - Parameters:
    ///   - exchange: the exchange, which has forgotten everything.
    ///   - turn: the number of the present turn.
    mutating func put(_ exchange: Exchange, in turn: UInt64) {
        if endedTurn != turn {
            restEnded()
            endedTurn = turn
        }
        if ended == nil { firstEnded = exchange }
        exchange.nextAtRest = ended
        ended = exchange
    }

    /// Forgets all of them, one by one: a long list that dies at once would take a frame for each.
    mutating func removeAll() {
        restEnded()
        while let exchange = spare {
            spare = exchange.nextAtRest
            exchange.nextAtRest = nil
        }
    }

    /// What ended in an earlier turn is at rest; what ended last serves first, while its memory is near.
    private mutating func restEnded() {
        guard let first = firstEnded else { return }
        first.nextAtRest = spare
        spare = ended
        ended = nil
        firstEnded = nil
    }
}
