import TestSupport
import Testing

/// What the server says of itself on standard error.
@Suite struct OperationalLogTests {
    @Test func `with json every message is an object with time, level and words`() throws {
        let dead = try RefusingAddress()
        let flags = ["--log-format", "json"] + quickHealth
        let balancer = try Balancer(backends: [dead.endpoint], flags: flags)
        #expect(balancer.waitForLog("down") != nil)
        #expect(try balancer.get().status == 503)
        #expect(balancer.waitForLog("no backend is alive") != nil)
        #expect(balancer.stop() == .code(0))
        #expect(balancer.process.errors.waitForEnd())
        let records = balancer.process.errors.records
        #expect(records.count == balancer.process.errors.lines.count)
        for record in records {
            #expect(record.names.isSuperset(of: ["ts", "level", "msg"]))
            #expect(record["ts"]?.wholeMatch(of: /20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
            #expect(["info", "warning", "error"].contains(record["level"]))
        }
        let complaint = records.first { $0["msg"]?.contains("no backend is alive") == true }
        #expect(complaint?["level"] == "error")
    }

    @Test(arguments: ["debug", "info", "warning", "error"])
    func `what is less serious than the level is not said`(_ level: String) throws {
        let origin = try Origin.ok()
        let arguments = ["--listen", "127.0.0.1:0", "--backend", origin.endpoint, "--log-level", level]
        let process = try ChildProcess(Balancer.binary, arguments)
        // The first probe comes after the signals' watchers.
        #expect(eventually { !origin.probes.isEmpty })
        if ["debug", "info"].contains(level) {
            #expect(process.errors.waitForLine { $0.contains("listening on") } != nil)
        }
        process.signal(.terminate)
        #expect(process.waitForExit() == .code(0))
        #expect(process.errors.waitForEnd())
        #expect(process.errors.text.isEmpty == ["warning", "error"].contains(level))
        #expect(process.errors.text.contains("worker 0 is ready") == (level == "debug"))
    }
}
