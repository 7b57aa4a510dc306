import Events
import LoopSupport
import TestSupport
import Testing

@testable import Discovery

/// Look-ups run beside the loop, are bounded in time and number, and are shared.
@Suite struct NameResolverTests {
    private let loop: EventLoop
    private let names = HeldNames()

    init() throws { loop = try EventLoop() }

    private func resolver(_ change: (inout NameResolver.Limits) -> Void = { _ in }) throws -> NameResolver {
        var limits = NameResolver.Limits()
        limits.answer = .seconds(60)
        limits.promptTime = .seconds(60)
        change(&limits)
        return try NameResolver(on: loop, limits: limits) { [names] in names.find($0) }
    }

    private static func address(_ last: UInt8, port: UInt16) -> SocketAddress {
        SocketAddress(ip: .v4([192, 0, 2, last]), port: port)
    }

    @Test func `the system's names are found, and one without an address fails in words`() throws {
        let resolver = try NameResolver(on: loop)
        var answers: [String: NameResolver.Answer] = [:]
        for host in ["localhost", "nosuch.invalid", "127.0.0.2"] {
            resolver.resolve(host, port: 81) { answers[host] = $0 }
        }
        #expect(answers.isEmpty)
        #expect(loop.run(until: { answers.count == 3 }))
        let local = ["127.0.0.1", "::1"].compactMap { SocketAddress(literal: $0, port: 81) }
        guard case .found(let addresses) = answers["localhost"] else {
            Issue.record("\(answers)")
            return
        }
        #expect(!addresses.isEmpty && addresses.allSatisfy(local.contains))
        if case .found = answers["nosuch.invalid"] { Issue.record("\(answers)") }
        #expect(answers["127.0.0.2"] == .found([SocketAddress(ip: .v4([127, 0, 0, 2]), port: 81)]))
    }

    @Test func `all who ask for a name share one look-up, each with a port of its own`() throws {
        names.set("app", [192, 0, 2, 7])
        names.hold(["app"])
        let resolver = try resolver()
        var answers: [NameResolver.Answer] = []
        for port in 1...3 { resolver.resolve("app", port: UInt16(port)) { answers.append($0) } }
        #expect(loop.run(until: { names.running == 1 }))
        resolver.resolve("app", port: 4) { answers.append($0) }
        names.release()
        #expect(loop.run(until: { answers.count == 4 }))
        #expect(answers == (1...4).map { .found([Self.address(7, port: $0)]) })
        #expect(names.asked == ["app"])
    }

    @Test func `whoever asks is answered in time, and hears the rest by asking again`() throws {
        names.set("app", [192, 0, 2, 7])
        names.hold(["app"])
        let resolver = try resolver { $0.answer = .milliseconds(50) }
        var answers: [NameResolver.Answer] = []
        resolver.resolve("app", port: 80) { answers.append($0) }
        #expect(loop.run(until: { !answers.isEmpty }))
        #expect(answers == [.unanswered])
        resolver.resolve("app", port: 80) { answers.append($0) }
        names.release()
        #expect(loop.run(until: { answers.count == 2 }))
        // On a machine that is busy the second one may have been told to wait as well.
        if answers[1] == .unanswered {
            resolver.resolve("app", port: 80) { answers.append($0) }
            #expect(loop.run(until: { answers.count == 3 }))
        }
        #expect(answers.last == .found([Self.address(7, port: 80)]))
        loop.run(for: .milliseconds(100))
        #expect(answers.count <= 3)
    }

    @Test func `thirty names that hang hold another one up for a moment only`() throws {
        let hanging = (0..<30).map { "dead-\($0)" }
        names.hold(hanging)
        names.set("app", [192, 0, 2, 7])
        let resolver = try resolver { $0.promptTime = .milliseconds(20) }
        var deadAnswers = 0
        for host in hanging { resolver.resolve(host, port: 80) { _ in deadAnswers += 1 } }
        var answer: NameResolver.Answer?
        resolver.resolve("app", port: 80) { answer = $0 }
        #expect(loop.run(until: { answer != nil }))
        #expect(answer == .found([Self.address(7, port: 80)]))
        #expect(deadAnswers == 0 && names.running == 30)
        names.release()
        #expect(loop.run(until: { deadAnswers == 30 }))
        #expect(names.asked.count == 31)
    }

    @Test func `threads are bounded, and what waits for one is looked up later`() throws {
        let hosts = (0..<40).map { "name-\($0)" }
        names.hold(hosts)
        let resolver = try resolver {
            $0.promptTime = .milliseconds(5)
            $0.threads = 8
        }
        var answers = 0
        for host in hosts { resolver.resolve(host, port: 80) { _ in answers += 1 } }
        #expect(loop.run(until: { names.running == 8 }))
        loop.run(for: .milliseconds(100))
        #expect(names.running == 8 && answers == 0)
        names.release()
        #expect(loop.run(until: { answers == 40 }))
        #expect(names.mostRunning <= 8 && names.asked.count == 40)
    }

    @Test func `four run at a time as long as they are prompt, in the order asked`() throws {
        let hosts = (0..<10).map { "name-\($0)" }
        names.hold(hosts)
        let resolver = try resolver()
        var answers = 0
        for host in hosts { resolver.resolve(host, port: 80) { _ in answers += 1 } }
        #expect(loop.run(until: { names.running == 4 }))
        #expect(Set(names.asked) == Set(hosts[..<4]))
        for (count, host) in hosts.enumerated() {
            names.release(host)
            #expect(loop.run(until: { answers == count + 1 }))
        }
        #expect(names.mostRunning == 4 && names.asked.count == 10)
    }

    @Test func `a name that waits and that nobody asks for any more is not looked up`() throws {
        names.hold(["slow"])
        let resolver = try resolver {
            $0.answer = .milliseconds(20)
            $0.threads = 1
        }
        var answers: [NameResolver.Answer] = []
        for host in ["slow", "waiting"] { resolver.resolve(host, port: 80) { answers.append($0) } }
        #expect(loop.run(until: { answers.count == 2 }))
        names.release()
        #expect(loop.run(until: { names.running == 0 }))
        loop.run(for: .milliseconds(50))
        #expect(names.asked == ["slow"])
        #expect(answers == [.unanswered, .unanswered])
    }

    @Test func `a resolver may go while look-ups hang`() throws {
        names.hold(["app"])
        var resolver: NameResolver? = try resolver()
        var answers = 0
        resolver?.resolve("app", port: 80) { _ in answers += 1 }
        #expect(loop.run(until: { names.running == 1 }))
        resolver = nil
        names.release()
        #expect(loop.run(until: { names.running == 0 }))
        loop.run(for: .milliseconds(50))
        #expect(answers == 0)
    }
}
