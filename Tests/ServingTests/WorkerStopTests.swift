import Testing

@testable import Serving

@Suite struct WorkerStopTests {
    /// A stop that has come to the moment its listeners are closed.
    private static var finishing: WorkerStop {
        var stop = WorkerStop()
        _ = stop.follow(.draining)
        _ = stop.closingDelayPassed()
        return stop
    }

    @Test(arguments: [Control.Phase.starting, .open, .leaving])
    func `as long as clients are let in nothing is done`(_ phase: Control.Phase) {
        var stop = WorkerStop()
        #expect(stop.follow(phase) == [] && stop.stage == .serving)
        #expect(stop.clientsLeft(0) == nil && stop.clientsCut() == nil)
    }

    @Test func `listeners close once, after the delay, however often the worker is rung`() {
        var stop = WorkerStop()
        #expect(stop.follow(.draining) == [.startClosingDelay])
        #expect(stop.follow(.draining) == [])
        #expect(stop.clientsLeft(0) == nil)
        #expect(stop.closingDelayPassed() == [.closeListeners])
        #expect(stop.follow(.draining) == [] && stop.closingDelayPassed() == [])
    }

    @Test func `a worker without clients ends when its log is written`() {
        var stop = Self.finishing
        #expect(stop.clientsLeft(0) == .writeLog)
        #expect(stop.clientsLeft(0) == nil)
        #expect(stop.logWritten(isComplete: true) == .end)
        #expect(stop.stage == .ended && stop.logWritten(isComplete: true) == nil)
    }

    @Test func `a worker with clients waits for the last of them`() {
        var stop = Self.finishing
        #expect(stop.clientsLeft(2) == nil && stop.clientsLeft(1) == nil)
        #expect(stop.clientsLeft(0) == .writeLog)
    }

    @Test func `upgraded connections are told once, and listeners that are still open close before`() {
        var stop = WorkerStop()
        _ = stop.follow(.draining)
        #expect(stop.follow(.closingTunnels) == [.closeListeners, .announceShutdown])
        #expect(stop.follow(.closingTunnels) == [] && stop.closingDelayPassed() == [])
    }

    @Test(arguments: 0...3)
    func `a cut ends whatever came before, and clients that stay are not waited for`(_ steps: Int) {
        var stop = WorkerStop()
        if steps > 0 { _ = stop.follow(.draining) }
        if steps > 1 { _ = stop.closingDelayPassed() }
        if steps > 2 { _ = stop.follow(.closingTunnels) }
        let actions = stop.follow(.cut)
        #expect(actions.last == .cutClients && actions.count == (steps < 2 ? 2 : 1))
        // One of two clients has gone when its connection was closed.
        #expect(stop.clientsLeft(1) == nil)
        #expect(stop.clientsCut() == .writeLog)
        #expect(stop.follow(.cut) == [] && stop.clientsCut() == nil)
        #expect(stop.logWritten(isComplete: true) == .end)
    }

    @Test func `clients that all go while they are cut end it once`() {
        var stop = WorkerStop()
        _ = stop.follow(.cut)
        #expect(stop.clientsLeft(0) == .writeLog)
        #expect(stop.clientsCut() == nil)
    }

    @Test func `a reader of the log that takes nothing is given up`() {
        var stop = Self.finishing
        _ = stop.clientsLeft(0)
        for _ in 0..<WorkerStop.logAttempts { #expect(stop.logWritten(isComplete: false) == .pauseLog) }
        #expect(stop.logWritten(isComplete: false) == .end)
    }

    /// Every order of events in which a run can come to its cut, followed by rings and reports in any number.
    @Test func `no order of events keeps a worker from ending after a cut`() {
        for seed in 0..<2_000 {
            var random = seed
            func next(_ bound: Int) -> Int {
                random = (random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407) & Int.max
                return (random >> 33) % bound
            }
            var stop = WorkerStop()
            var phase = 1
            var ends = 0
            func perform(_ action: WorkerStop.Action?) {
                switch action {
                case .cutClients: perform(stop.clientsCut())
                case .writeLog, .pauseLog: perform(stop.logWritten(isComplete: next(4) == 0))
                case .end: ends += 1
                default: break
                }
            }
            for _ in 0..<next(30) {
                switch next(4) {
                case 0:
                    phase = min(phase + next(2), 4)
                    for action in stop.follow(Control.Phase(rawValue: phase) ?? .open) { perform(action) }
                case 1: for action in stop.closingDelayPassed() { perform(action) }
                case 2: perform(stop.clientsLeft(next(3)))
                default:
                    for action in stop.follow(Control.Phase(rawValue: phase) ?? .open) { perform(action) }
                }
            }
            for action in stop.follow(.cut) { perform(action) }
            #expect(ends == 1 && stop.stage == .ended, "seed \(seed)")
        }
    }
}
