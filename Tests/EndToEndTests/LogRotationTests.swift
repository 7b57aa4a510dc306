import Glibc
import TestSupport
import Testing

/// SIGUSR1 opens the access log anew: no line is lost, torn or written twice.
@Suite struct LogRotationTests {
    /// Makes a folder for the length of `body`.
    private func withFolder(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/swerve-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            if let folder = opendir(path) {
                while let entry = readdir(folder) {
                    let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                    }
                    if name != ".", name != ".." { remove("\(path)/\(name)") }
                }
                closedir(folder)
            }
            rmdir(path)
        }
        try body(path)
    }

    private func lines(_ path: String) throws -> [String] {
        let text = String(decoding: try readWholeFile(path), as: UTF8.self)
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return text.split(separator: "\n").map(String.init)
    }

    @Test func `a log that is rotated under load has every line once`() throws {
        let origin = try Origin.ok()
        try withFolder { folder throws in
            let path = "\(folder)/access.log"
            let balancer = try Balancer(
                backends: [origin.endpoint],
                flags: ["--access-log", path, "--log-format", "json", "--workers", "2"]
            )
            let isOver = Monitor(false)
            let port = balancer.port
            let counts = Monitor([Int]())
            for client in 0..<6 {
                onNewThread {
                    var count = 0
                    if let connection = try? RawClient(to: port) {
                        while !isOver.read({ $0 }) {
                            let answer = try? connection.exchange(requestText("GET", "/\(client)/\(count)"))
                            if answer?.status != 200 { break }
                            count += 1
                        }
                    }
                    counts.access { $0.append(count) }
                }
            }
            let rotations = 20
            var sizes: [Int] = []
            for rotation in 1...rotations {
                #expect(eventually { ((try? readWholeFile(path))?.count ?? 0) > 0 })
                try #require(rename(path, "\(path).\(rotation)") == 0)
                balancer.process.signal(.user1)
                #expect(eventually { balancer.logLines("access log opened anew").count == rotation })
                // Whoever rotates may take the old file from here on.
                sizes.append(try readWholeFile("\(path).\(rotation)").count)
            }
            isOver.access { $0 = true }
            let made = try #require(
                counts.wait(until: .after(Deadline.patience)) { $0.count == 6 ? $0 : nil }
            )
            #expect(balancer.stop() == .code(0))
            let files = (1...rotations).map { "\(path).\($0)" } + [path]
            #expect(try files.dropLast().map { try readWholeFile($0).count } == sizes)
            let paths = try files.flatMap { try lines($0) }.map { LogRecord($0)?["path"] ?? $0 }
            #expect(paths.count == made.reduce(0, +))
            #expect(Set(paths).count == paths.count && paths.allSatisfy { $0.hasPrefix("/") })
        }
    }

    @Test func `a log that cannot be opened anew goes on in the old file and says so`() throws {
        let origin = try Origin.ok()
        try withFolder { folder throws in
            let path = "\(folder)/access.log"
            let balancer = try Balancer(backends: [origin.endpoint], flags: ["--access-log", path])
            try #require(rename(path, "\(path).1") == 0)
            try #require(mkdir(path, 0o755) == 0)
            balancer.process.signal(.user1)
            let complaint = try #require(balancer.waitForLog("access log goes on in the old file"))
            #expect(complaint.contains(path) && complaint.hasPrefix("swerve: error: "))
            #expect(try balancer.get("/still").status == 200)
            #expect(eventually { (try? lines("\(path).1"))?.count == 1 })
            try #require(rmdir(path) == 0)
            balancer.process.signal(.user1)
            #expect(balancer.waitForLog("access log opened anew") != nil)
            #expect(try balancer.get("/new").status == 200)
            #expect(balancer.stop() == .code(0))
            #expect(try lines(path).map { AccessLine($0)?.path } == ["/new"])
        }
    }
}
