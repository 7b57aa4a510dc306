import Glibc
import Testing

@testable import Events

@Suite struct LoopTests {
    @Test(arguments: [
        "0.0.0.0", "127.0.0.1", "255.1.2.3", "::", "::1", "2001:db8::1:0:0:1", "::ffff:10.0.0.1", "fe80::1",
    ])
    func `an address survives the way to the system and back`(_ literal: String) throws {
        let address = try #require(SocketAddress(literal: literal, port: 65_535))
        let copy = address.withSockaddr { pointer, _ in SocketAddress(pointer) }
        #expect(copy == address && address.port == 65_535)
        switch address.ip {
        case .v4(let bytes):
            #expect(bytes.count == 4 && bytes.map { String($0) }.joined(separator: ".") == literal)
        case .v6(let bytes, let scope): #expect(bytes.count == 16 && scope == 0 && address.zone == nil)
        }
    }

    @Test(arguments: [
        "", "localhost", "127.1", "0127.0.0.1", "1.2.3.4.5", "[::1]", "::1%lo", "::g", "1:2", " ::1",
    ])
    func `what is not an address is none`(_ literal: String) {
        #expect(SocketAddress(literal: literal, port: 1) == nil)
    }

    @Test func `a scope has the name of its interface, else its number`() {
        let link = [0xFE, 0x80] + [UInt8](repeating: 0, count: 13) + [1]
        #expect(SocketAddress(ip: .v6(link, scope: 1), port: 1).zone == "lo")
        #expect(SocketAddress(ip: .v6(link, scope: 4_000_000_000), port: 1).zone == "4000000000")
        let copy = SocketAddress(ip: .v6(link, scope: 7), port: 1)
        #expect(copy.withSockaddr { pointer, _ in SocketAddress(pointer) } == copy)
    }

    @Test(
        arguments: [
            (.zero, 0), (.nanoseconds(1), 1), (.milliseconds(1500), 1_500_000_000), (.seconds(-1), 0),
            (.milliseconds(-1), 0), (.nanoseconds(-1), 0),
        ] as [(Duration, UInt64)]
    )
    func `a duration is nanoseconds and at least zero`(_ duration: Duration, _ nanoseconds: UInt64) {
        #expect(duration.nanoseconds == nanoseconds)
    }

    @Test func `timers fire once, in the order of their times, unless they are cancelled`() throws {
        let loop = try EventLoop()
        var fired: [Int] = []
        let timers = [30, 10, 20].map { time in
            let timer = Timer(on: loop) {
                fired.append(time)
                if time == 30 { loop.stop() }
            }
            timer.start(after: .milliseconds(time))
            return timer
        }
        timers[2].cancel()
        let start = LoopTime.current()
        #expect(runToStop(loop))
        #expect(fired == [10, 30])
        #expect(LoopTime.current().nanoseconds(since: start) >= 28_000_000)
    }

    @Test func `a timer can be started again, also by itself`() throws {
        let loop = try EventLoop()
        var count = 0
        var timer: Timer?
        timer = Timer(on: loop) {
            count += 1
            if count == 3 { loop.stop() } else { timer?.start(after: .milliseconds(1)) }
        }
        timer?.start(after: .milliseconds(1))
        #expect(runToStop(loop) && count == 3)
        timer = nil
    }

    @Test func `a bell rung on another thread wakes the loop`() throws {
        let loop = try EventLoop()
        var isRung = false
        let wakeup = try Wakeup(on: loop) {
            isRung = true
            loop.stop()
        }
        // A thread of its own: a task might wait for the one that the loop occupies.
        let bell = UnsafeMutablePointer<Wakeup.Bell>.allocate(capacity: 1)
        bell.initialize(to: wakeup.bell)
        defer {
            bell.deinitialize(count: 1)
            bell.deallocate()
        }
        var thread = pthread_t()
        let ring: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
            for _ in 0..<5 { context?.assumingMemoryBound(to: Wakeup.Bell.self).pointee.ring() }
            return nil
        }
        #expect(pthread_create(&thread, nil, ring, bell) == 0)
        let isInTime = runToStop(loop)
        pthread_join(thread, nil)
        #expect(isInTime && isRung)
    }

    @Test func `what is retired lives to the end of the turn`() throws {
        final class Thing {}
        let loop = try EventLoop()
        weak var observed: Thing?
        var wasAlive = false
        let timer = Timer(on: loop) {
            let thing = Thing()
            observed = thing
            loop.retire(thing)
            loop.stop()
        }
        loop.addTurnEnd { wasAlive = wasAlive || observed != nil }
        timer.start(after: .zero)
        #expect(runToStop(loop) && wasAlive && observed == nil)
    }
}
