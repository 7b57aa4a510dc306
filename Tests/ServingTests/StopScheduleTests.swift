import Events
import Testing

@testable import Serving

@Suite struct StopScheduleTests {
    private typealias Limits = StopSchedule.Limits

    private static func time(_ time: Duration) -> LoopTime {
        LoopTime(nanoseconds: 5_000_000_000 + time.nanoseconds)
    }

    @Test func `without a delay and without anybody who takes over draining begins at once`() {
        var schedule = StopSchedule()
        let limits = Limits(delay: .zero, drain: .seconds(30))
        #expect(
            schedule.signalled(at: Self.time(.zero), limits)
                == [.announce, .findSuccessors, .wait(.seconds(1))]
        )
        #expect(
            schedule.foundSuccessors(false, at: Self.time(.zero)) == [
                .drain(.seconds(30)), .wait(.seconds(25)),
            ]
        )
        #expect(
            schedule.timePassed(at: Self.time(.seconds(25)))
                == [.closeTunnels(.seconds(5)), .wait(.seconds(5))]
        )
        #expect(
            schedule.timePassed(at: Self.time(.seconds(30))) == [.cut, .wait(StopSchedule.endingLimit)]
        )
        #expect(schedule.timePassed(at: Self.time(.seconds(31))) == [.abandonWorkers])
        #expect(schedule.timePassed(at: Self.time(.seconds(32))) == [])
    }

    @Test func `clients are let in for the delay, of which the look-up is a part`() {
        var schedule = StopSchedule()
        _ = schedule.signalled(at: Self.time(.zero), Limits(delay: .seconds(4), drain: .seconds(8)))
        #expect(
            schedule.foundSuccessors(false, at: Self.time(.milliseconds(100)))
                == [.leave(.seconds(4), hasSuccessors: false), .wait(.milliseconds(3900))]
        )
        #expect(
            schedule.timePassed(at: Self.time(.seconds(4))) == [.drain(.seconds(8)), .wait(.seconds(6))]
        )
    }

    @Test func `who takes over is looked up again before the listeners close, and does not prolong the stop`()
    {
        var schedule = StopSchedule()
        _ = schedule.signalled(at: Self.time(.zero), Limits(delay: .zero, drain: .seconds(8)))
        #expect(
            schedule.foundSuccessors(true, at: Self.time(.zero))
                == [.leave(.seconds(1), hasSuccessors: true), .wait(.seconds(1))]
        )
        #expect(
            schedule.timePassed(at: Self.time(.seconds(1)))
                == [.findSuccessors, .wait(.seconds(1))]
        )
        #expect(
            schedule.foundSuccessors(true, at: Self.time(.seconds(1)))
                == [.drain(.seconds(7)), .wait(.seconds(5))]
        )
    }

    @Test(arguments: [true, false])
    func `a look-up without an answer is not waited for`(_ comesLate: Bool) {
        var schedule = StopSchedule()
        _ = schedule.signalled(at: Self.time(.zero), Limits(delay: .zero, drain: .seconds(2)))
        let late = Self.time(.milliseconds(250))
        #expect(schedule.timePassed(at: late).first == .drain(.seconds(2)))
        if comesLate { #expect(schedule.foundSuccessors(true, at: late) == []) }
        #expect(schedule.stage == .draining)
    }

    @Test(arguments: 0...4)
    func `a second signal cuts wherever the stop is, a third one changes nothing`(_ steps: Int) {
        var schedule = StopSchedule()
        let limits = Limits(delay: .seconds(1), drain: .seconds(8))
        _ = schedule.signalled(at: Self.time(.zero), limits)
        if steps > 0 { _ = schedule.foundSuccessors(true, at: Self.time(.zero)) }
        for step in 0..<max(0, steps - 1) { _ = schedule.timePassed(at: Self.time(.seconds(step + 1))) }
        let cut: [StopSchedule.Action] = [.cut, .wait(StopSchedule.endingLimit)]
        #expect(schedule.signalled(at: Self.time(.seconds(5)), limits) == cut)
        #expect(schedule.signalled(at: Self.time(.seconds(5)), limits) == [])
        #expect(schedule.foundSuccessors(true, at: Self.time(.seconds(5))) == [])
        #expect(schedule.timePassed(at: Self.time(.seconds(6))) == [.abandonWorkers])
    }

    @Test(arguments: [0, 1, 300, 2_000, 30_000], [0, 1, 500, 4_000])
    func `the process ends within a second of the delay and the limit, whoever takes over and answers or not`(
        _ drain: Int,
        _ delay: Int
    ) {
        let limits = Limits(delay: .milliseconds(delay), drain: .milliseconds(drain))
        for answers in [nil, true, false] as [Bool?] {
            var schedule = StopSchedule()
            var now = Duration.zero
            var actions = schedule.signalled(at: Self.time(now), limits)
            while !actions.contains(.abandonWorkers) {
                if let answers, actions.contains(.findSuccessors) {
                    actions = schedule.foundSuccessors(answers, at: Self.time(now))
                    continue
                }
                guard case .wait(let time)? = actions.last else {
                    Issue.record("nothing is waited for in \(schedule.stage)")
                    return
                }
                now += time
                actions = schedule.timePassed(at: Self.time(now))
            }
            #expect(now <= limits.delay + limits.drain + .seconds(1), "\(answers as Any)")
            #expect(now >= limits.delay + limits.drain, "\(answers as Any)")
        }
    }
}
