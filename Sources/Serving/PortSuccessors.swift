/// The sockets of other processes that take over a port, by their places among all that share it.
struct PortSuccessors: Sendable, Equatable {
    /// Where new clients go as long as no socket closes.
    let all: Range<Int>
    /// Where new clients go while the leaving sockets close one after the other, which moves the others.
    let whileClosing: Range<Int>

    /// Sockets that came later than the `own` ones.
    ///
    /// Each close moves the last socket into the gap. The place chosen holds a successor until the last close, when no
    /// socket is left there; then the system goes back to spreading clients over all. That takes as many successors as
    /// there are leaving sockets; with fewer, the last closes are not covered.
    init(behind own: Int, count: Int) {
        all = own..<own + count
        let place = max(own, count)
        whileClosing = place..<place + 1
    }

    /// Sockets that were there before, which no close of a later one moves.
    init(before count: Int) {
        all = 0..<count
        whileClosing = all
    }
}
