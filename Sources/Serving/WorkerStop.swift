/// How a worker stops: what it does at each phase of the run's end, and when it has ended.
///
/// It knows no sockets and no clocks. A worker that was told to cut ends whatever its clients do.
struct WorkerStop {
    /// Where the stop is.
    enum Stage: Equatable {
        /// Clients are let in. To `.closingListeners` when draining begins, or straight to `.finishing`.
        case serving
        /// Who is in the system's queue is let in. To `.finishing` after the closing delay, or with the next phase.
        case closingListeners
        /// No connection becomes a client. To `.writingLog` when the last client has left, or all were cut.
        case finishing
        /// The last lines of the access log are offered to its reader. To `.ended` when they are taken, or after as
        /// many more attempts.
        case writingLog(attemptsLeft: Int)
        /// Nothing is left to do.
        case ended
    }

    /// What the worker is to do.
    enum Action: Equatable {
        /// Report back after the closing delay.
        case startClosingDelay
        /// Close the listeners, and every connection that has nothing to do.
        case closeListeners
        /// Tell upgraded connections that the process goes away.
        case announceShutdown
        /// Close every client's connection, and report back.
        case cutClients
        /// Offer the last lines of the access log, and report back.
        case writeLog
        /// Offer them again after a pause.
        case pauseLog
        /// Report that the worker has ended.
        case end
    }

    private(set) var stage = Stage.serving
    private var isShutdownAnnounced = false
    private var isCut = false

    /// How often the last lines of the access log are offered again to a reader that does not take them.
    static let logAttempts = 20

    /// The run is in `phase`, which may be known already.
    mutating func follow(_ phase: Control.Phase) -> [Action] {
        switch phase {
        case .starting, .open, .leaving: return []
        case .draining:
            guard stage == .serving else { return [] }
            stage = .closingListeners
            return [.startClosingDelay]
        case .closingTunnels:
            guard !isShutdownAnnounced else { return [] }
            isShutdownAnnounced = true
            return closeListeners() + [.announceShutdown]
        case .cut:
            guard !isCut else { return [] }
            isCut = true
            return closeListeners() + [.cutClients]
        }
    }

    /// The listeners have accepted for as long as they were to.
    mutating func closingDelayPassed() -> [Action] { closeListeners() }

    /// So many clients are left.
    mutating func clientsLeft(_ count: Int) -> Action? {
        guard stage == .finishing, count == 0 else { return nil }
        return beginWritingLog()
    }

    /// Every client was cut: none is waited for.
    mutating func clientsCut() -> Action? {
        guard stage == .finishing else { return nil }
        return beginWritingLog()
    }

    /// The last lines were offered.
    ///
    /// - Parameter isComplete: all of them were taken.
    /// - Returns: what is to be done now.
    mutating func logWritten(isComplete: Bool) -> Action? {
        guard case .writingLog(let attemptsLeft) = stage else { return nil }
        if isComplete || attemptsLeft == 0 {
            stage = .ended
            return .end
        }
        stage = .writingLog(attemptsLeft: attemptsLeft - 1)
        return .pauseLog
    }

    private mutating func closeListeners() -> [Action] {
        switch stage {
        case .serving, .closingListeners:
            stage = .finishing
            return [.closeListeners]
        case .finishing, .writingLog, .ended: return []
        }
    }

    private mutating func beginWritingLog() -> Action {
        stage = .writingLog(attemptsLeft: Self.logAttempts)
        return .writeLog
    }
}
