import Glibc
import TestSupport
import Testing

/// A system call that does not return holds up what asked for it, and nothing else.
///
/// The calls are held by a library that is preloaded, which goes ill with a sanitizer's.
@Suite(.serialized, .enabled(if: !Balancer.isSanitized)) struct HeldCallTests {
    @Test func `a disk that hangs for ten seconds costs no request and no line`() throws {
        let origin = try Origin.ok()
        let injector = try FaultInjector()
        let folder = try TemporaryFolder()
        let path = try folder.write("", to: "access.log")
        let balancer = try Balancer(
            backends: [origin.endpoint],
            flags: ["--workers", "1", "--access-log", path],
            environment: injector.environment
        )
        let client = try RawClient(to: balancer.port)
        injector.hold(.heldWrite)
        #expect(try client.exchange(requestText("GET", "/first")).status == 200)
        #expect(injector.waitForFailures(1, of: .heldWrite))
        let end = Deadline.after(.seconds(10))
        var count = 1
        while !end.hasPassed {
            try #require(try client.exchange(plainRequest, within: .seconds(5)).status == 200)
            count += 1
            pass(.milliseconds(5))
        }
        #expect(try readWholeFile(path).isEmpty)
        injector.release(.heldWrite)
        client.close()
        #expect(balancer.stop() == .code(0))
        let lines = String(decoding: try readWholeFile(path), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == count && lines.allSatisfy { AccessLine(String($0)) != nil })
        #expect(balancer.logLines("lines dropped").isEmpty)
    }

    @Test func `beyond what may wait, lines are dropped whole and counted`() throws {
        let origin = try Origin.ok()
        let injector = try FaultInjector()
        let folder = try TemporaryFolder()
        let path = try folder.write("", to: "access.log")
        let balancer = try Balancer(
            backends: [origin.endpoint],
            flags: ["--workers", "1", "--access-log", path],
            environment: injector.environment
        )
        let client = try RawClient(to: balancer.port)
        injector.hold(.heldWrite)
        let long = requestText("GET", "/" + String(repeating: "x", count: 4000))
        for _ in 0..<600 { try #require(try client.exchange(long, within: .seconds(5)).status == 200) }
        #expect(balancer.waitForLog("lines dropped")?.contains("its reader is too slow") == true)
        injector.release(.heldWrite)
        client.close()
        #expect(balancer.stop() == .code(0))
        #expect(balancer.process.errors.waitForEnd())
        let lines = String(decoding: try readWholeFile(path), as: UTF8.self).split(separator: "\n")
        #expect(lines.allSatisfy { AccessLine(String($0)) != nil })
        let said = balancer.logLines("lines dropped: ").compactMap { line in
            line.firstMatch(of: /lines dropped: (\d+)/).flatMap { Int($0.1) }
        }
        #expect(lines.count + said.reduce(0, +) == 600)
        // A MiB and not much less.
        #expect((200...262).contains(lines.count), "\(lines.count)")
    }

    @Test func `a stop does not wait for a disk that hangs`() throws {
        let origin = try Origin.ok()
        let injector = try FaultInjector()
        let folder = try TemporaryFolder()
        let path = try folder.write("", to: "access.log")
        let balancer = try Balancer(
            backends: [origin.endpoint],
            flags: ["--workers", "1", "--access-log", path],
            environment: injector.environment
        )
        injector.hold(.heldWrite)
        for _ in 0..<3 { #expect(try balancer.get().status == 200) }
        #expect(injector.waitForFailures(1, of: .heldWrite))
        #expect(balancer.stop() == .code(0))
        #expect(balancer.process.errors.waitForEnd())
        #expect(balancer.logLines("lines dropped: 3: the server stopped before they were taken").count == 1)
    }

    /// Runs a balancer whose standard error is a file.
    private func withErrors(
        in file: String,
        _ flags: [String],
        _ injector: FaultInjector,
        _ body: (_ process: ChildProcess, _ port: UInt16) throws -> Void
    ) throws {
        let rest = ["--listen", "127.0.0.1:0", "--health-interval", "0", "--workers", "1"] + flags
        let command = ["-c", "exec \"$0\" \"$@\" 2>>\(file)", Balancer.binary] + rest
        let process = try ChildProcess("/bin/sh", command, environment: injector.environment)
        defer {
            process.signal(.kill)
            _ = process.waitForExit()
        }
        let port = try #require(self.port(after: /listening on http:\/\/127\.0\.0\.1:(\d+)/, in: file))
        try body(process, port)
    }

    /// Waits for a port that a file names.
    private func port(after words: Regex<(Substring, Substring)>, in file: String) -> UInt16? {
        var port: UInt16?
        _ = eventually {
            port = (try? text(of: file))?.firstMatch(of: words).flatMap { UInt16($0.1) }
            return port != nil
        }
        return port
    }

    private func text(of file: String) throws -> String {
        String(decoding: try readWholeFile(file), as: UTF8.self)
    }

    @Test func `standard error on a disk that hangs holds up neither a reload nor a stop`() throws {
        let origin = try Origin.ok()
        let injector = try FaultInjector()
        let folder = try TemporaryFolder()
        let path = try folder.write("", to: "errors.log")
        let flags = ["--backend", origin.endpoint, "--access-log", "off"]
        try withErrors(in: path, flags, injector) { process, port throws in
            injector.hold(.heldWrite)
            process.signal(.user2)
            #expect(injector.waitForFailures(1, of: .heldWrite))
            for _ in 0..<3 { process.signal(.hangUp) }
            #expect(try RawClient(to: port).exchange(plainRequest).status == 200)
            process.signal(.terminate)
            #expect(process.waitForExit() == .code(0))
        }
    }

    @Test func `what waited for standard error is written in its order once the disk answers`() throws {
        let origin = try Origin.ok()
        let injector = try FaultInjector()
        let folder = try TemporaryFolder()
        let path = try folder.write("", to: "errors.log")
        let flags = ["--backend", origin.endpoint, "--access-log", "off"]
        try withErrors(in: path, flags, injector) { process, port throws in
            injector.hold(.heldWrite)
            process.signal(.user2)
            #expect(injector.waitForFailures(1, of: .heldWrite))
            process.signal(.user1)
            #expect(try RawClient(to: port).exchange(plainRequest).status == 200)
            injector.release(.heldWrite)
            process.signal(.terminate)
            #expect(process.waitForExit() == .code(0))
            let words = try text(of: path).split(separator: "\n").dropFirst()
            #expect(words.count == 4 && words.first == "swerve: SIGUSR2 does nothing here", "\(words)")
            #expect(words.dropFirst().first?.contains("SIGUSR1 does nothing here") == true, "\(words)")
            #expect(words.last == "swerve: stopped", "\(words)")
        }
    }

    @Test func `both logs on a disk that hangs for ten seconds cost no request`() throws {
        let origin = try Origin.ok()
        let injector = try FaultInjector()
        let folder = try TemporaryFolder()
        let path = try folder.write("", to: "errors.log")
        let log = try folder.write("", to: "access.log")
        let flags = ["--backend", origin.endpoint, "--access-log", log, "--admin", "127.0.0.1:0"]
        try withErrors(in: path, flags, injector) { process, port throws in
            let admin = try #require(self.port(after: /admin listener on http:\/\/\S+:(\d+)/, in: path))
            let client = try RawClient(to: port)
            injector.hold(.heldWrite)
            let end = Deadline.after(.seconds(10))
            let long = requestText("GET", "/" + String(repeating: "x", count: 4000))
            var count = 0
            // More than may wait, so that a worker says what it lost.
            while !end.hasPassed || count < 400 {
                try #require(try client.exchange(long, within: .seconds(5)).status == 200)
                count += 1
                pass(.milliseconds(5))
            }
            #expect(injector.waitForFailures(2, of: .heldWrite))
            let question = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
            #expect(try RawClient(to: admin).exchange(question).status == 200)
            injector.release(.heldWrite)
            client.close()
            process.signal(.terminate)
            #expect(process.waitForExit() == .code(0))
            let said = try text(of: path).matches(of: /lines dropped: (\d+)/).compactMap { Int($0.1) }
            #expect(try text(of: log).split(separator: "\n").count + said.reduce(0, +) == count)
        }
    }

    @Test(arguments: [Signal.user1, .hangUp])
    func `a log that is opened on a disk that hangs holds up nothing`(_ signal: Signal) throws {
        let origin = try Origin.ok()
        let injector = try FaultInjector()
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/access.log"
        let settings = "backend = [\"\(origin.endpoint)\"]\naccess-log = "
        let file = try folder.write(settings + "\"\(path)\"\n", to: "swerve.toml")
        let balancer = try Balancer(
            backends: [],
            flags: ["--config", file, "--workers", "1", "--admin", "127.0.0.1:0"],
            environment: injector.environment
        )
        injector.hold(.heldOpen)
        try folder.write(settings + "\"\(path).2\"\n", to: "swerve.toml")
        balancer.process.signal(signal)
        #expect(injector.waitForFailures(1, of: .heldOpen))
        #expect(try balancer.admin("GET", "/metrics").status == 200)
        #expect(try balancer.get("/meanwhile").status == 200)
        injector.release(.heldOpen)
        #expect(balancer.waitForLog("access log \(signal == .user1 ? "opened anew" : "moved to")") != nil)
        #expect(try balancer.get("/after").status == 200)
        let present = signal == .user1 ? path : "\(path).2"
        #expect(eventually { (try? text(of: present).contains("/after")) == true })
        injector.hold(.heldOpen)
        try folder.write(settings + "\"\(path).3\"\n", to: "swerve.toml")
        balancer.process.signal(signal)
        #expect(injector.waitForFailures(2, of: .heldOpen))
        #expect(balancer.stop() == .code(0))
    }

    @Test(arguments: [1, 2])
    func `a worker that hangs makes the process unhealthy and is named`(_ workers: Int) throws {
        let origin = try Origin.ok()
        let injector = try FaultInjector()
        let flags = ["--workers", "\(workers)", "--admin", "127.0.0.1:0"]
        try withBalancer([origin.endpoint], flags, environment: injector.environment) { balancer throws in
            #expect(try balancer.admin("GET", "/healthz") == AdminAnswer(200, "alive\n"))
            injector.hold(.heldAccept, times: 1)
            let client = try RawClient(to: balancer.port)
            #expect(injector.waitForFailures(1, of: .heldAccept))
            #expect(eventually { (try? balancer.admin("GET", "/healthz").status) == 503 })
            let answer = try balancer.admin("GET", "/healthz")
            #expect(answer.text.wholeMatch(of: /worker [01] has not turned its loop for \d+ s\n/) != nil)
            #expect(try balancer.admin("GET", "/readyz").status == 200)
            #expect(try balancer.admin("GET", "/metrics").status == 200)
            injector.release(.heldAccept)
            #expect(eventually { (try? balancer.admin("GET", "/healthz").status) == 200 })
            #expect(try client.exchange(plainRequest).status == 200)
        }
    }

    @Test func `the writer of the log exists while there is a log`() throws {
        let origin = try Origin.ok()
        func threads(_ log: String) throws -> Int {
            let balancer = try Balancer(
                backends: [origin.endpoint],
                flags: ["--workers", "1", "--access-log", log]
            )
            defer { balancer.kill() }
            let text = String(decoding: try readWholeFile("/proc/\(balancer.pid)/status"), as: UTF8.self)
            return try Int(#require(text.firstMatch(of: /Threads:\t(\d+)/)).1) ?? 0
        }
        #expect(try threads("-") == threads("off") + 1)
    }
}
