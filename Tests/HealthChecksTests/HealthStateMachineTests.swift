import Testing

@testable import HealthChecks

@Suite struct HealthStateMachineTests {
    private typealias State = HealthStateMachine.State

    /// A machine brought into `state` by results alone.
    private func machine(in state: State, rise: Int, fall: Int) -> HealthStateMachine {
        var machine = HealthStateMachine(rise: rise, fall: fall)
        switch state {
        case .up(let failures): for _ in 0..<failures { _ = machine.failed() }
        case .down(let successes):
            for _ in 0..<fall { _ = machine.failed() }
            for _ in 0..<successes { _ = machine.succeeded() }
        }
        #expect(machine.state == state)
        return machine
    }

    @Test(arguments: [1, 2, 3, 5], [1, 2, 3, 5])
    func `every state has its answer to every result`(_ rise: Int, _ fall: Int) {
        for failures in 0..<fall {
            var good = machine(in: .up(failures: failures), rise: rise, fall: fall)
            #expect(good.isUp && good.cadence == (failures == 0 ? .steady : .transition))
            #expect(good.succeeded() == false)
            #expect(good.state == .up(failures: 0))

            var bad = machine(in: .up(failures: failures), rise: rise, fall: fall)
            let isLast = failures + 1 == fall
            #expect(bad.failed() == isLast)
            #expect(bad.state == (isLast ? .down(successes: 0) : .up(failures: failures + 1)))

            var gone = machine(in: .up(failures: failures), rise: rise, fall: fall)
            gone.becameUnreachable()
            #expect(gone.state == .down(successes: 0))
            gone.becameReachable()
            #expect(gone.state == .up(failures: 0))
        }
        for successes in 0..<rise {
            var good = machine(in: .down(successes: successes), rise: rise, fall: fall)
            #expect(!good.isUp && good.cadence == (successes == 0 ? .down : .transition))
            let isLast = successes + 1 == rise
            #expect(good.succeeded() == isLast)
            #expect(good.state == (isLast ? .up(failures: 0) : .down(successes: successes + 1)))

            var bad = machine(in: .down(successes: successes), rise: rise, fall: fall)
            #expect(bad.failed() == false)
            #expect(bad.state == .down(successes: 0))

            var gone = machine(in: .down(successes: successes), rise: rise, fall: fall)
            gone.becameUnreachable()
            #expect(gone.state == .down(successes: 0))
            gone.becameReachable()
            #expect(gone.state == .up(failures: 0))
        }
    }

    @Test func `a backend is taken for alive at first`() {
        let machine = HealthStateMachine(rise: 2, fall: 3)
        #expect(machine.isUp && machine.cadence == .steady && machine.state == .up(failures: 0))
    }

    @Test func `a backend that fails now and then stays up`() {
        var machine = HealthStateMachine(rise: 2, fall: 3)
        for _ in 0..<50 {
            let changes = [machine.failed(), machine.failed(), machine.succeeded()]
            #expect(changes == [false, false, false] && machine.isUp)
        }
    }

    @Test func `a backend that succeeds now and then stays down`() {
        var machine = HealthStateMachine(rise: 3, fall: 1)
        #expect(machine.failed() == true)
        for _ in 0..<50 {
            let changes = [machine.succeeded(), machine.succeeded(), machine.failed()]
            #expect(changes == [false, false, false] && !machine.isUp)
        }
    }

    @Test func `a change is reported once`() {
        var machine = HealthStateMachine(rise: 2, fall: 2)
        let falling = (0..<5).map { _ in machine.failed() }
        #expect(falling == [false, true, false, false, false])
        let rising = (0..<5).map { _ in machine.succeeded() }
        #expect(rising == [false, true, false, false, false])
    }

    @Test func `a doubt counts, but does not decide`() {
        var machine = HealthStateMachine(rise: 2, fall: 3)
        for _ in 0..<5 { machine.doubted() }
        #expect(machine.state == .up(failures: 2))
        let isDown = machine.failed()
        #expect(isDown && !machine.isUp)
        machine.doubted()
        #expect(machine.state == .down(successes: 0))
        var strict = HealthStateMachine(rise: 1, fall: 1)
        strict.doubted()
        #expect(strict.state == .up(failures: 0))
    }
}
