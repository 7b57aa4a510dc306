import Events
import LoopSupport
import TestSupport
import Testing

@testable import Discovery

/// A name is looked up again and again, at a cadence of its own.
@Suite struct FollowedNameTests {
    private let loop: EventLoop
    private let names = HeldNames()

    init() throws { loop = try EventLoop() }

    private final class Findings {
        var all: [FollowedName.Finding] = []
    }

    private func follow(
        _ findings: Findings,
        steady: Duration = .seconds(3600),
        failing: Duration = .seconds(3600),
        answerLimit: Duration = .seconds(60)
    ) throws -> FollowedName {
        var limits = NameResolver.Limits()
        limits.answer = answerLimit
        let resolver = try NameResolver(on: loop, limits: limits) { [names] in names.find($0) }
        return FollowedName(
            "app",
            port: 80,
            resolver: resolver,
            on: loop,
            cadence: .init(steady: steady, failing: failing, least: .milliseconds(10))
        ) { findings.all.append($0) }
    }

    private static func addresses(_ last: UInt8) -> FollowedName.Finding {
        .addresses([SocketAddress(ip: .v4([192, 0, 2, last]), port: 80)])
    }

    @Test func `what it stands for is heard of at the steady pace`() throws {
        names.set("app", [192, 0, 2, 1])
        let findings = Findings()
        let name = try follow(findings, steady: .milliseconds(10))
        name.start()
        #expect(loop.run(until: { findings.all.count >= 3 }))
        names.set("app", [192, 0, 2, 2])
        #expect(loop.run(until: { findings.all.last == Self.addresses(2) }))
        #expect(findings.all.first == Self.addresses(1))
    }

    @Test func `one that has no address is asked at the failing pace`() throws {
        let findings = Findings()
        let name = try follow(findings, failing: .milliseconds(10))
        name.start()
        #expect(loop.run(until: { findings.all.count >= 3 }))
        #expect(findings.all.allSatisfy { $0 == .nothing("unknown") })
        names.set("app", [192, 0, 2, 1])
        #expect(loop.run(until: { findings.all.last == Self.addresses(1) }))
    }

    @Test func `an answer that comes late is taken`() throws {
        names.set("app", [192, 0, 2, 1])
        names.hold(["app"])
        let findings = Findings()
        let name = try follow(findings, answerLimit: .milliseconds(20))
        name.start()
        #expect(loop.run(until: { findings.all.count >= 3 }))
        #expect(findings.all.allSatisfy { $0 == .nothing("no answer within 5 s") })
        names.release()
        #expect(loop.run(until: { findings.all.last == Self.addresses(1) }))
        #expect(names.asked == ["app"])
    }

    @Test func `it is looked up at once when what it stands for seems wrong`() throws {
        names.set("app", [192, 0, 2, 1])
        let findings = Findings()
        let name = try follow(findings)
        name.start()
        #expect(loop.run(until: { findings.all.count == 1 }))
        names.set("app", [192, 0, 2, 2])
        for _ in 0..<5 { name.refresh() }
        #expect(loop.run(until: { findings.all.count == 2 }))
        loop.run(for: .milliseconds(50))
        #expect(findings.all == [Self.addresses(1), Self.addresses(2)])
    }

    @Test func `a pause drops what is on its way`() throws {
        names.set("app", [192, 0, 2, 1])
        names.hold(["app"])
        let findings = Findings()
        let name = try follow(findings)
        name.start()
        #expect(loop.run(until: { names.running == 1 }))
        name.pause()
        names.release()
        #expect(loop.run(until: { names.running == 0 }))
        loop.run(for: .milliseconds(50))
        #expect(findings.all.isEmpty)
        name.refresh()
        name.start()
        #expect(loop.run(until: { !findings.all.isEmpty }))
        #expect(names.asked.count == 2)
    }
}
