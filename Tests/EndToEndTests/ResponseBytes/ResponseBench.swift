import TestSupport
import Testing

/// One balancer in front of one scripted origin, for as many rows as want it, one after the other.
///
/// One worker, so that every exchange draws from the same pool; each row begins and ends with an empty one.
final class ResponseBench: Sendable {
    @TaskLocal static var current: ResponseBench?

    let balancer: Balancer
    let origin: ScriptedPeer
    private let rowCount = Monitor(0)

    init(_ flags: [String]) throws {
        origin = try ScriptedPeer(trigger: .head) { _ in [] }
        balancer = try Balancer(backends: [origin.endpoint], flags: flags + ["--workers", "1"])
    }

    /// Plays a row and the exchange behind it.
    func play(_ row: ResponseRow) throws {
        let number = rowCount.access { count in
            count += 1
            return count
        }
        let scene = ResponseScene(row, number)
        origin.answer(scene.script)
        let client = try RawClient(to: balancer.port)
        try client.send(row.ask.text(scene.target))
        let isOpen = try scene.expectOutcome(client)
        try playNext(scene, isOpen ? client : nil)
        expectConnections(scene)
        expectLog(scene)
        if let status = balancer.process.exitStatus { Issue.record("the balancer ended with \(status)") }
    }

    /// Whatever happened, a clean request gets its right answer.
    private func playNext(_ scene: ResponseScene, _ open: RawClient?) throws {
        let next = scene.row.next
        if !next.atRest.isEmpty {
            scene.isResting.open()
            #expect(origin.waitForEnd(of: connection(of: scene.target)) != nil)
        }
        let client = try open ?? RawClient(to: balancer.port)
        if next.inTheInstant.isEmpty {
            try client.send(next.ask.text(scene.nextTarget))
        } else {
            try balancer.whileFrozen {
                try client.send(next.ask.text(scene.nextTarget))
                scene.isResting.open()
                #expect(scene.hasSpoken.wait(until: .after()))
                if next.inTheInstant.contains(where: \.endsConnection) {
                    #expect(origin.waitForEnd(of: connection(of: scene.target)) != nil)
                }
            }
        }
        let response = try client.readResponse(to: next.ask.method)
        #expect(response.status == next.failure ?? 200)
        #expect(response.interim.isEmpty)
        if next.failure == nil { #expect(response.text == scene.fine) }
    }

    private func connection(of target: String) -> Int {
        origin.requests.first { $0.target == target }?.connection ?? 0
    }

    private func expectConnections(_ scene: ResponseScene) {
        let first = origin.requests.filter { $0.target == scene.target }.map(\.connection)
        let next = origin.requests.filter { $0.target == scene.nextTarget }.map(\.connection)
        #expect(first.count == 1)
        let isRepeated = !scene.row.next.onReuse.isEmpty && scene.row.next.failure == nil
        #expect(next.count == (isRepeated ? 2 : 1))
        guard let used = first.first else { return }
        #expect((next.first == used) == scene.row.isReused)
        if isRepeated { #expect(next.last != used) }
        #expect(origin.waitForEnd(of: used) != nil, "the origin's connection is still open")
    }

    private func expectLog(_ scene: ResponseScene) {
        let line = balancer.waitForAccessLine(path: scene.target)
        switch scene.row.outcome {
        case .answer(let answer):
            #expect("\(line?.status ?? 0)" == answer.status.prefix(3))
            #expect(line?.error == nil)
        case .failure(let status):
            #expect(line?.status == status)
            #expect(line?.error != nil)
        case .cut(let answer, _):
            #expect("\(line?.status ?? 0)" == answer.status.prefix(3))
            #expect(line?.error != nil)
        }
    }
}

/// Gives every case of a suite the same bench.
struct ResponseBenchTrait: SuiteTrait, TestScoping {
    let flags: [String]

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let bench = try ResponseBench(flags)
        defer { bench.balancer.kill() }
        try await ResponseBench.$current.withValue(bench) { try await function() }
    }
}

extension Trait where Self == ResponseBenchTrait {
    /// A bench whose balancer has these flags.
    static func responseBench(_ flags: String...) -> Self { ResponseBenchTrait(flags: flags) }
}
