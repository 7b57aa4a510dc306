import HTTPMessages
import Testing

@testable import Proxying

@Suite struct ExchangeStateMachineTests {
    private static let failures: [ExchangeStateMachine.Failure] = [
        .connect, .connectTimeout, .reset, .closed, .nonsense(.badStatusLine),
    ]

    /// What the client is told when the request is not sent again.
    private func told(_ failure: ExchangeStateMachine.Failure) -> GatewayFailure {
        failure == .nonsense(.badStatusLine) ? .badAnswer(.badStatusLine) : .closedBeforeHead
    }

    private static let requests: [ExchangeStateMachine.Request] = (0..<32).map {
        ExchangeStateMachine.Request(
            isIdempotent: $0 & 1 != 0,
            isReplayable: $0 & 2 != 0,
            isWritten: $0 & 4 != 0,
            isAnswered: $0 & 8 != 0,
            wasResent: $0 & 16 != 0
        )
    }

    private func action(
        _ state: ExchangeStateMachine.State,
        _ failure: ExchangeStateMachine.Failure,
        _ request: ExchangeStateMachine.Request
    ) -> ExchangeStateMachine.Action {
        var machine = ExchangeStateMachine()
        switch state {
        case .connecting: machine.connect()
        case .awaitingHead(let isReused): machine.send(onReused: isReused)
        case .streaming: machine.stream()
        case .tunnelling: machine.tunnel()
        case .finished: machine.finish()
        }
        #expect(machine.state == state)
        let action = machine.action(after: failure, of: request)
        #expect(machine.state == state)
        return action
    }

    @Test(arguments: failures)
    func `a backend that cannot be connected to is passed over`(_ failure: ExchangeStateMachine.Failure) {
        for request in Self.requests {
            #expect(action(.connecting, failure, request) == .tryNext(.unreachable))
        }
    }

    @Test(arguments: failures)
    func `nothing is sent again once an answer has begun`(_ failure: ExchangeStateMachine.Failure) {
        for request in Self.requests where request.isAnswered {
            for isReused in [false, true] {
                let action = action(.awaitingHead(isReused: isReused), failure, request)
                #expect(action == .fail(told(failure), .none))
            }
        }
    }

    @Test(arguments: failures)
    func `an idle connection that died is replaced if the request may be sent again`(
        _ failure: ExchangeStateMachine.Failure
    ) {
        for request in Self.requests where !request.isAnswered {
            let isSafe = request.isReplayable && (request.isIdempotent || !request.isWritten)
            #expect(
                action(.awaitingHead(isReused: true), failure, request)
                    == (isSafe ? .replay : .fail(told(failure), .none))
            )
        }
    }

    @Test func `nonsense on a fresh connection is an answer that is malformed`() {
        for request in Self.requests {
            let failure = ExchangeStateMachine.Failure.nonsense(.badStatusLine)
            let action = action(.awaitingHead(isReused: false), failure, request)
            #expect(action == .fail(.badAnswer(.badStatusLine), .none))
        }
    }

    @Test(arguments: failures.filter { $0 != .nonsense(.badStatusLine) })
    func `a request that broke a fresh connection is tried on one more backend`(
        _ failure: ExchangeStateMachine.Failure
    ) {
        for request in Self.requests where !request.isAnswered {
            let isSafe = failure == .reset || request.isIdempotent || !request.isWritten
            let blame: ExchangeStateMachine.Blame = failure == .reset ? .suspect : .none
            #expect(
                action(.awaitingHead(isReused: false), failure, request)
                    == (request.isReplayable && isSafe && !request.wasResent
                        ? .tryNext(blame) : .fail(.closedBeforeHead, blame))
            )
        }
    }

    @Test(arguments: failures)
    func `an answer under way is broken off and an exchange that is over stays over`(
        _ failure: ExchangeStateMachine.Failure
    ) {
        for request in Self.requests {
            #expect(action(.streaming, failure, request) == .breakOff)
            #expect(action(.tunnelling, failure, request) == .breakOff)
            #expect(action(.finished, failure, request) == .none)
            #expect(ExchangeStateMachine().action(after: failure, of: request) == .none)
        }
    }
}
