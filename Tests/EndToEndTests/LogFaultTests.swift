import Glibc
import TestSupport
import Testing

/// A log that cannot be written is said once and costs nothing but its lines.
@Suite struct LogFaultTests {
    @Test func `a disk that is full loses lines and says so once`() throws {
        let origin = try Origin.ok()
        let balancer = try Balancer(backends: [origin.endpoint], flags: ["--access-log", "/dev/full"])
        let client = try RawClient(to: balancer.port)
        for _ in 0..<100 { #expect(try client.exchange(plainRequest).status == 200) }
        let line = try #require(balancer.waitForLog("access log: lines dropped: "))
        #expect(line.contains("warning: ") && line.contains("No space left on device"))
        client.close()
        #expect(balancer.stop() == .code(0))
        #expect(balancer.process.errors.waitForEnd())
        // One at the first loss and one at the end, with what was lost in between.
        let lines = balancer.logLines("access log: lines dropped: ")
        #expect(lines.count == 2)
        #expect(lines.last?.contains("No space left on device (100 in all)") == true, "\(lines)")
    }

    @Test func `lines begin at a start again when a full disk has room`() throws {
        let program = try #require(ExternalProgram("prlimit"))
        let origin = try Origin.ok()
        try withTemporaryFile([]) { path throws in
            let flags = ["--workers", "1", "--access-log", path]
            try withBalancer([origin.endpoint], flags) { balancer throws in
                // The limit of a file's size stands in for the size of a disk: a write is cut short at it too.
                let process = ["--pid", "\(balancer.pid)"]
                try #require(try program.run(process + ["--fsize=1000:"]).status == .code(0))
                let client = try RawClient(to: balancer.port)
                let fill = requestText("GET", "/" + String(repeating: "x", count: 300))
                for _ in 0..<5 { #expect(try client.exchange(fill).status == 200) }
                #expect(balancer.waitForLog("access log: lines dropped: ") != nil)
                #expect(try readWholeFile(path).count == 1000)
                try #require(try program.run(process + ["--fsize=unlimited:"]).status == .code(0))
                #expect(try client.exchange(requestText("GET", "/after")).status == 200)
                #expect(
                    try eventually {
                        String(decoding: try readWholeFile(path), as: UTF8.self).contains("/after")
                    }
                )
                let lines = String(decoding: try readWholeFile(path), as: UTF8.self).split(separator: "\n")
                let last = try #require(lines.last)
                #expect(AccessLine(String(last))?.path == "/after", "\(last)")
            }
        }
    }

    @Test func `a file that ends inside a line gets its end first`() throws {
        let origin = try Origin.ok()
        try withTemporaryFile(Array("[INSPECT] Method: GE".utf8)) { path throws in
            let balancer = try Balancer(backends: [origin.endpoint], flags: ["--access-log", path])
            #expect(try balancer.get("/next").status == 200)
            #expect(balancer.stop() == .code(0))
            let lines = String(decoding: try readWholeFile(path), as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines.last.flatMap { AccessLine(String($0)) }?.path == "/next")
        }
    }

    @Test func `a reader that goes away is said once`() throws {
        let origin = try Origin.ok()
        let balancer = try Balancer(backends: [origin.endpoint], output: .closed)
        for _ in 0..<20 { #expect(try balancer.get().status == 200) }
        let line = try #require(balancer.waitForLog("access log: lines dropped: "))
        #expect(line.contains("Broken pipe"))
        #expect(balancer.logLines("access log: ").count == 1)
        #expect(balancer.isRunning)
    }

    @Test(arguments: ["<&- >&- 2>&-", ">&-", "2>&-", "2>/dev/full", ">/dev/full 2>/dev/full"])
    func `standard streams that are closed or full end nothing`(_ streams: String) throws {
        let origin = try Origin.ok()
        let flags = ["--listen", "127.0.0.1:0", "--backend", origin.endpoint, "--health-interval", "0"]
        let command = ["-c", "exec \"$0\" \"$@\" \(streams)", Balancer.binary] + flags
        let process = try ChildProcess("/bin/sh", command)
        defer { process.signal(.kill) }
        // Nobody is told the port, so it is looked up.
        var port: UInt16?
        #expect(
            eventually {
                port = listeningPort(of: process.pid)
                return port != nil
            }
        )
        for _ in 0..<10 {
            #expect(try RawClient(to: #require(port)).exchange(plainRequest).status == 200)
        }
        process.signal(.terminate)
        #expect(process.waitForExit() == .code(0))
    }

    /// The port on which a process listens, as the system's tables say.
    private func listeningPort(of process: Int32) -> UInt16? {
        var inodes: Set<String> = []
        for number in 0..<64 {
            var target = [CChar](repeating: 0, count: 64)
            let count = readlink("/proc/\(process)/fd/\(number)", &target, target.count)
            let text = String(decoding: target[..<max(count, 0)].map(UInt8.init(bitPattern:)), as: UTF8.self)
            if text.hasPrefix("socket:[") { inodes.insert(String(text.dropFirst(8).dropLast())) }
        }
        let table = (try? readWholeFile("/proc/net/tcp")) ?? []
        for row in String(decoding: table, as: UTF8.self).split(separator: "\n") {
            let fields = row.split(separator: " ")
            guard fields.count > 9, fields[3] == "0A", inodes.contains(String(fields[9])) else { continue }
            return fields[1].split(separator: ":").last.flatMap { UInt16($0, radix: 16) }
        }
        return nil
    }
}
