internal import Events
internal import Observability
internal import Proxying

/// Who comes in: clients while there are places, and when all are taken, those who wait in the place of those at rest.
///
/// A place is a descriptor for the client and one for its backend, so no client is let in for whom there would be none.
extension Worker {
    /// How long accepting rests after the system refused a descriptor, and how often a full house looks for somebody
    /// who waits.
    private static let pause = Duration.milliseconds(100)

    /// Accepts if there is room, and makes some if there is none and somebody waits.
    func acceptIfThereIsRoom() {
        proxy.giveDescriptorsBack()
        let control = blueprint.control
        guard control.isAccepting, !isAcceptResting else { return }
        let isFull = control.room() <= 0
        for listener in openListeners { isFull ? listener.pause() : listener.resume() }
        guard isFull else { return }
        let requests = control.roomRequests
        if requests != answeredRoomRequests || hasWaitingClient { makeRoom() }
        answeredRoomRequests = requests
        if roomTimer == nil { roomTimer = Timer(on: loop) { [unowned self] in lookForRoom() } }
        roomTimer?.start(after: Self.pause)
    }

    /// The system refused to accept, so accepting rests for a moment whoever makes room.
    func acceptFailed(_ code: Int32) {
        blueprint.control.faults.report(.accept) { _ in
            "accepting rests: \(SystemError.text(code)); see --max-connections"
        }
        isAcceptResting = true
        for listener in openListeners { listener.pause() }
        if refusalTimer == nil { refusalTimer = Timer(on: loop) { [unowned self] in endAcceptRest() } }
        refusalTimer?.start(after: Self.pause)
    }

    private func endAcceptRest() {
        isAcceptResting = false
        acceptIfThereIsRoom()
    }

    private func lookForRoom() {
        acceptIfThereIsRoom()
        let control = blueprint.control
        // Only here, so that workers that have no client to let go do not ask one another without end.
        if control.isAccepting, control.room() <= 0, hasWaitingClient { control.requestRoom() }
    }

    private var hasWaitingClient: Bool { openListeners.contains { $0.hasWaitingClient } }

    /// Those of the plan, and those that a reload took out and that let in who is in their queue.
    private var openListeners: [HTTPListener] {
        if retiredListeners.isEmpty { return Array(listeners.values) }
        return listeners.values + retiredListeners.values.map(\.listener)
    }

    private func makeRoom() {
        let count = proxy.closeRestingClients()
        guard count > 0 else { return }
        blueprint.control.faults.report(.crowding, count: count) {
            "all places are taken: clients at rest let go for others: \($0); see --max-connections"
        }
    }
}
