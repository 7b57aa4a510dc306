import TestSupport
import Testing

/// Signals that come before anything is there to answer them.
@Suite struct EarlySignalTests {
    /// A process that has begun to run and holds signals back, most likely before it listens.
    private func start(_ origin: ScriptedPeer) throws -> ChildProcess {
        let flags = ["--backend", origin.endpoint, "--listen", "127.0.0.1:0", "--health-interval", "0"]
        let process = try ChildProcess(Balancer.binary, flags)
        // The system's own answer to them holds until the dynamic linker is done.
        #expect(
            eventually {
                Self.mask("SigBlk:", of: process) & 1 == 1 || Self.mask("SigCgt:", of: process) & 1 == 1
            }
        )
        return process
    }

    /// A set of signals of the first thread, SIGHUP in the lowest bit.
    private static func mask(_ name: String, of process: ChildProcess) -> UInt64 {
        let text = (try? readWholeFile("/proc/\(process.pid)/status")).map {
            String(decoding: $0, as: UTF8.self)
        }
        let line = text?.split(separator: "\n").first { $0.hasPrefix(name) }
        return line.flatMap { UInt64($0.dropFirst(name.count).drop { $0 == "\t" }, radix: 16) } ?? 0
    }

    @Test func `signals are held back before anything else is done`() throws {
        let origin = try Origin.ok()
        for _ in 0..<5 {
            let process = try start(origin)
            // They are let through once there is somebody to take them.
            #expect(
                eventually {
                    Self.mask("SigCgt:", of: process) & 1 == 0 || Self.mask("SigBlk:", of: process) & 1 == 0
                }
            )
            process.signal(.kill)
        }
    }

    @Test func `none of those that reload or rotate ends a process that starts`() throws {
        let origin = try Origin.ok()
        for _ in 0..<5 {
            let process = try start(origin)
            for signal in [Signal.hangUp, .user1, .user2] { process.signal(signal) }
            #expect(process.errors.waitForLine { $0.contains("listening on") } != nil)
            #expect(process.errors.waitForLine { $0.contains("SIGUSR2 does nothing here") } != nil)
            #expect(process.errors.waitForLine { $0.contains("reload") } != nil)
            process.signal(.terminate)
            #expect(process.waitForExit() == .code(0))
        }
    }

    @Test func `a stop that is asked for before the start is a clean one`() throws {
        let origin = try Origin.ok()
        for _ in 0..<5 {
            let process = try start(origin)
            process.signal(.terminate)
            #expect(process.waitForExit() == .code(0))
        }
    }
}
