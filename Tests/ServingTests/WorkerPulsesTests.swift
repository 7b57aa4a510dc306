import Events
import Testing

@testable import Serving

/// How a loop that does not turn is found out.
@Suite struct WorkerPulsesTests {
    private func after(_ seconds: UInt64) -> LoopTime {
        LoopTime(nanoseconds: (1000 + seconds) * 1_000_000_000)
    }

    @Test func `a worker that owes an answer for five seconds stalls until it answers`() throws {
        let loop = try EventLoop()
        let wakeup = try Wakeup(on: loop) {}
        let pulses = WorkerPulses()
        let first = WorkerPulses.Question()
        let second = WorkerPulses.Question()
        pulses.enlist(0, first, wakeup.bell)
        pulses.enlist(1, second, wakeup.bell)
        #expect(pulses.stalls(at: after(0)).isEmpty)
        first.answer()
        #expect(pulses.stalls(at: after(4)).isEmpty)
        #expect(pulses.stalls(at: after(7)) == [WorkerPulses.Stall(worker: 1, seconds: 7)])
        second.answer()
        // The first one was asked again at the fourth second, and has not answered either.
        #expect(pulses.stalls(at: after(9)) == [WorkerPulses.Stall(worker: 0, seconds: 5)])
        first.answer()
        #expect(pulses.stalls(at: after(10)).isEmpty)
    }

    @Test func `an answer comes by the worker's own loop`() throws {
        let loop = try EventLoop()
        let pulses = WorkerPulses()
        let question = WorkerPulses.Question()
        let wakeup = try Wakeup(on: loop) {
            question.answer()
            loop.stop()
        }
        pulses.enlist(3, question, wakeup.bell)
        #expect(pulses.stalls(at: after(0)).isEmpty)
        loop.run()
        #expect(pulses.stalls(at: after(60)).isEmpty)
    }
}
