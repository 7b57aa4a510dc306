import HTTPMessages
import Testing

@testable import Proxying

@Suite struct ExchangeStateMachineTests {
    typealias Machine = ExchangeStateMachine

    private static let failures: [Machine.Failure] = [
        .connect, .connectTimeout, .searchTimeout(isCutShort: false), .searchTimeout(isCutShort: true),
        .reset,
        .closed, .nonsense(.badStatusLine),
    ]

    private static let requests: [Machine.Request] = (0..<32).map {
        Machine.Request(
            isRepeatable: $0 & 1 != 0,
            isComplete: $0 & 2 != 0,
            isReplayable: $0 & 4 != 0,
            isWritten: $0 & 8 != 0,
            wasRepeated: $0 & 16 != 0
        )
    }

    /// What the client is told when the request is not sent again.
    private func told(_ failure: Machine.Failure) -> GatewayFailure {
        failure == .nonsense(.badStatusLine) ? .badAnswer(.badStatusLine) : .closedBeforeHead
    }

    private func action(
        _ state: Machine.State,
        _ failure: Machine.Failure,
        _ request: Machine.Request,
        _ answer: Machine.Answer = Machine.Answer()
    ) -> Machine.Action {
        var machine = Machine(state, request, answer)
        let action = machine.action(after: failure)
        #expect(machine.state == state)
        return action
    }

    // MARK: Failures

    @Test(arguments: [Machine.Failure.connect, .connectTimeout])
    func `a backend that cannot be connected to is passed over`(_ failure: Machine.Failure) {
        for request in Self.requests {
            #expect(action(.connecting, failure, request) == .tryNext(.unreachable))
        }
    }

    @Test func `a search that takes too long ends, and blames only a backend that had its time`() {
        for request in Self.requests {
            let whole = Machine.Failure.searchTimeout(isCutShort: false)
            #expect(action(.connecting, whole, request) == .fail(.searchTimedOut, .unreachable))
            let short = Machine.Failure.searchTimeout(isCutShort: true)
            #expect(action(.connecting, short, request) == .fail(.searchTimedOut, .none))
        }
    }

    @Test(arguments: failures)
    func `no request is sent again once an answer has begun`(_ failure: Machine.Failure) {
        let answer = Machine.Answer(isBegun: true, interimCount: 1)
        for request in Self.requests {
            for isReused in [false, true] {
                let action = action(.awaitingHead(isReused: isReused), failure, request, answer)
                #expect(action == .fail(told(failure), .none))
            }
        }
    }

    @Test(arguments: failures)
    func `an idle connection that died is replaced if the request may be sent again`(
        _ failure: Machine.Failure
    ) {
        for request in Self.requests {
            let isSafe = request.isReplayable && (request.isRepeatable || !request.isWritten)
            #expect(
                action(.awaitingHead(isReused: true), failure, request)
                    == (isSafe ? .replay : .fail(told(failure), .none))
            )
        }
    }

    @Test func `nonsense on an idle connection may be left of the answer before`() {
        let request = Machine.Request(isRepeatable: true, isWritten: true)
        let begun = Machine.Answer(isBegun: true)
        let failure = Machine.Failure.nonsense(.badStatusLine)
        #expect(action(.awaitingHead(isReused: true), failure, request, begun) == .replay)
    }

    @Test func `nonsense on a fresh connection is an answer that is malformed`() {
        for request in Self.requests {
            let action = action(.awaitingHead(isReused: false), .nonsense(.badStatusLine), request)
            #expect(action == .fail(.badAnswer(.badStatusLine), .none))
        }
    }

    /// RFC 9110 §9.2.2: what a backend may have carried out is sent again only if twice is as good as once.
    @Test(arguments: [Machine.Failure.reset, .closed])
    func
        `a request that broke a fresh connection is tried on one more backend if it may be carried out twice`(
            _ failure: Machine.Failure
        )
    {
        for request in Self.requests {
            let isSafe = request.isRepeatable || !request.isWritten
            let blame: Machine.Blame = failure == .reset ? .suspect : .none
            #expect(
                action(.awaitingHead(isReused: false), failure, request)
                    == (request.isReplayable && isSafe && !request.wasRepeated
                        ? .tryNext(blame) : .fail(.closedBeforeHead, blame))
            )
        }
    }

    @Test func `a request goes through two backends at most`() {
        var machine = Machine()
        machine.begin(isRepeatable: true, isComplete: true)
        for _ in 0..<2 {
            machine.connect()
            machine.send(onReused: false)
            machine.wrote()
            guard case .tryNext = machine.action(after: .reset) else { continue }
            #expect(machine.request.wasRepeated)
        }
        let last = machine.action(after: .reset)
        #expect(last == .fail(.closedBeforeHead, .suspect))
    }

    @Test(arguments: failures)
    func `an answer under way is broken off and an exchange that is over stays over`(
        _ failure: Machine.Failure
    ) {
        for request in Self.requests {
            #expect(action(.streaming, failure, request) == .breakOff)
            #expect(action(.tunnelling, failure, request) == .breakOff)
            #expect(action(.finished, failure, request) == .none)
        }
    }

    // MARK: A backend that goes down

    @Test func `a request leaves a backend that went down only if it may be sent again and nothing has come`()
    {
        for request in Self.requests {
            for (state, answer) in [
                (Machine.State.awaitingHead(isReused: true), Machine.Answer()),
                (.awaitingHead(isReused: false), Machine.Answer()),
            ] {
                let isSafe = request.isReplayable && (request.isRepeatable || !request.isWritten)
                #expect(Machine(state, request, answer).mayLeave == (isSafe && !request.wasRepeated))
                #expect(!Machine(state, request, Machine.Answer(isBegun: true)).mayLeave)
            }
            for state in [Machine.State.connecting, .streaming, .tunnelling, .finished] {
                #expect(!Machine(state, request, Machine.Answer()).mayLeave)
            }
        }
    }

    // MARK: The course

    @Test func `an exchange goes from its backend to the end of its answer`() {
        var machine = Machine()
        machine.begin(isRepeatable: false, isComplete: false)
        #expect(!machine.takesBody && machine.state == .finished)
        machine.connect()
        #expect(!machine.takesBody && !machine.awaitsHead)
        machine.send(onReused: false)
        #expect(machine.takesBody && machine.awaitsHead && machine.holdsBody && !machine.request.isWritten)
        machine.wrote()
        machine.completed()
        machine.answerBegan()
        // What came may be no answer, and then everything is sent again.
        #expect(machine.holdsBody && machine.request.isComplete && machine.request.isWritten)
        let isAllowed = machine.interim()
        #expect(isAllowed && !machine.holdsBody)
        machine.stream()
        #expect(machine.hasAnswered && !machine.awaitsHead && !machine.request.isReplayable)
        machine.finish()
        #expect(machine.state == .finished && !machine.hasAnswered)
    }

    @Test func `another connection begins without bytes written and without an answer`() {
        var machine = Machine()
        machine.begin(isRepeatable: true, isComplete: true)
        machine.send(onReused: true)
        machine.wrote()
        machine.answerBegan()
        machine.connect()
        #expect(!machine.request.isWritten && !machine.answer.isBegun && machine.request.isComplete)
    }

    @Test func `sixteen interim responses are enough`() {
        var machine = Machine()
        machine.begin(isRepeatable: true, isComplete: true)
        machine.send(onReused: false)
        let isAllowed = (0..<17).map { _ in machine.interim() }
        #expect(isAllowed == Array(repeating: true, count: 16) + [false])
    }

    @Test func `a tunnel takes no body and cannot be repeated`() {
        var machine = Machine()
        machine.begin(isRepeatable: true, isComplete: true)
        machine.send(onReused: false)
        machine.tunnel()
        #expect(machine.isTunnelling && machine.hasAnswered && !machine.takesBody && !machine.mayLeave)
    }
}
