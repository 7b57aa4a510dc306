import Glibc
import Testing

@testable import Events

@Suite struct BackgroundTaskTests {
    /// Opens once, from any thread.
    private final class Latch: Sendable {
        private let counter: EventCounter

        init() throws { counter = try EventCounter(isBlocking: true) }

        func open() { counter.add() }

        func wait() { counter.wait() }
    }

    @Test func `work runs beside the loop, and its answer arrives on it`() throws {
        let loop = try EventLoop()
        let latch = try Latch()
        let home = pthread_self()
        var answers: [Bool] = []
        let task = try BackgroundTask<Bool>(on: loop) { isElsewhere in
            answers.append(isElsewhere && pthread_equal(home, pthread_self()) != 0)
            loop.stop()
        }
        let number = UInt(home)
        #expect(
            task.start {
                latch.wait()
                return UInt(pthread_self()) != number
            }
        )
        var turns = 0
        let timer = Timer(on: loop) {
            turns += 1
            latch.open()
        }
        timer.start(after: .milliseconds(5))
        #expect(runToStop(loop))
        #expect(answers == [true] && turns == 1 && !task.isRunning)
    }

    @Test func `one piece of work runs at a time, and the next one after it`() throws {
        let loop = try EventLoop()
        let latch = try Latch()
        var answers: [Int] = []
        let task = try BackgroundTask<Int>(on: loop) {
            answers.append($0)
            loop.stop()
        }
        #expect(
            task.start {
                latch.wait()
                return 1
            }
        )
        #expect(task.isRunning && !task.start { 2 })
        latch.open()
        #expect(runToStop(loop))
        #expect(task.start { 3 })
        #expect(runToStop(loop))
        #expect(answers == [1, 3])
    }

    @Test func `the answer of a task that is gone is dropped`() throws {
        let loop = try EventLoop()
        let latch = try Latch()
        var count = 0
        var task: BackgroundTask<Int>? = try BackgroundTask(on: loop) { _ in count += 1 }
        task?.start {
            latch.wait()
            return 1
        }
        task = nil
        latch.open()
        let timer = Timer(on: loop) { loop.stop() }
        timer.start(after: .milliseconds(50))
        #expect(runToStop(loop) && count == 0)
    }

    @Test func `the completion may let go of its task`() throws {
        let loop = try EventLoop()
        var task: BackgroundTask<Int>?
        task = try BackgroundTask(on: loop) { _ in
            task = nil
            loop.stop()
        }
        task?.start { 1 }
        #expect(runToStop(loop) && task == nil)
    }
}
