import Glibc

/// Why a balancer could not be had.
public struct BalancerError: Error, CustomStringConvertible {
    /// The reason, with what the process said.
    public let description: String
}

/// A running `swerve`.
public final class Balancer: Sendable {
    /// The process.
    public let process: ChildProcess
    /// The port it said it listens on.
    public let port: UInt16

    /// The binary under test: `SWERVE_BINARY`, or the one beside the test bundle.
    public static let binary: String = {
        if let path = ChildProcess.variable("SWERVE_BINARY"), !path.isEmpty { return path }
        return BuildProducts.path(of: "swerve") ?? "swerve"
    }()

    /// Whether the binary was built for speed, which decides how much the large transfers move.
    public static var isReleaseBuild: Bool { binary.contains("/release/") }

    /// Whether a sanitizer is built into the binary, whose own memory says nothing about the balancer's.
    public static var isSanitized: Bool { binary.contains("/.build-") }

    /// Starts a balancer and waits until it accepts.
    ///
    /// `SWERVE_TEST_WORKERS` in the suite's environment says how many workers every balancer has.
    ///
    /// - Parameters:
    ///   - backends: The backends in order, `host:port`.
    ///   - flags: More flags. Unless they choose otherwise, the port is the kernel's and no probes are sent, so that
    ///     an origin sees nothing but what the test sends.
    ///   - environment: Variables added to those of the suite.
    ///   - descriptorLimit: How many descriptors the process may have; it cannot raise this one.
    ///   - listens: Whether a flag says where to listen; else the test has said it elsewhere.
    ///   - output: Whether anybody reads the access log.
    /// - Throws: ``BalancerError`` when it does not announce that it listens.
    public init(
        backends: [String],
        flags: [String] = [],
        environment: [String: String] = [:],
        descriptorLimit: Int? = nil,
        listens: Bool = true,
        output: ChildProcess.OutputMode = .captured
    ) throws {
        var arguments = backends.flatMap { ["--backend", $0] }
        if listens, !flags.contains("--listen") { arguments += ["--listen", "127.0.0.1:0"] }
        if !flags.contains("--health-interval"), environment["SWERVE_HEALTH_INTERVAL"] == nil {
            arguments += ["--health-interval", "0"]
        }
        var command = [Self.binary] + arguments + flags
        if let descriptorLimit {
            command = ["/bin/sh", "-c", "ulimit -n \(descriptorLimit); exec \"$0\" \"$@\""] + command
        }
        let rest = Array(command.dropFirst())
        process = try ChildProcess(command[0], rest, environment: environment, output: output)
        let announcement = "listening on http://"
        guard
            let line = process.errors.waitForLine(where: { $0.contains(announcement) }),
            let port = line.firstMatch(of: /http:\/\/\S*:(\d+)/).flatMap({ UInt16($0.1) })
        else {
            process.signal(.kill)
            _ = process.waitForExit()
            _ = process.errors.waitForEnd(within: .seconds(1))
            throw BalancerError(description: "swerve did not start; it said: \(process.errors.text)")
        }
        self.port = port
    }

    deinit { kill() }

    /// The process id.
    public var pid: Int32 { process.pid }

    /// Whether it is still there.
    public var isRunning: Bool { process.exitStatus == nil }

    /// Ends it at once and without questions.
    ///
    /// One that was built to look for leaks does so at the end of `main`, so it is asked to stop and to wait for nobody.
    public func kill() {
        if Sanitizer.current == .address {
            for signal in [Signal.resume, .terminate, .interrupt] { process.signal(signal) }
            if process.waitForExit() != nil { return }
        }
        process.signal(.kill)
        _ = process.waitForExit()
    }

    /// Sends a signal and waits for the end.
    public func stop(_ signal: Signal = .terminate, within limit: Duration = Deadline.patience)
        -> ProcessEnding?
    {
        process.signal(signal)
        return process.waitForExit(within: limit)
    }

    /// Waits for an operational line that contains `text`.
    @discardableResult
    public func waitForLog(_ text: String, within limit: Duration = Deadline.patience) -> String? {
        process.errors.waitForLine(within: limit) { $0.contains(text) }
    }

    /// The operational lines that contain `text`.
    public func logLines(_ text: String) -> [String] {
        process.errors.lines.filter { $0.contains(text) }
    }

    /// The access lines so far.
    public var accessLines: [AccessLine] { process.output.lines.compactMap(AccessLine.init) }

    /// Waits for the access line of a path.
    public func waitForAccessLine(path: String, within limit: Duration = Deadline.patience) -> AccessLine? {
        process.output.waitForLine(within: limit) { AccessLine($0)?.path == path }.flatMap(AccessLine.init)
    }

    /// Resident memory in bytes.
    public var residentBytes: Int { processStatus("VmRSS:") * 1024 }

    private func processStatus(_ name: String) -> Int {
        let text =
            (try? readWholeFile("/proc/\(pid)/status")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }
            ?? 0
    }

    /// Open descriptors.
    public var descriptorCount: Int {
        guard let folder = opendir("/proc/\(pid)/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Minus the entries for the folder itself and its parent.
        return count - 2
    }

    /// Processor time used so far, user and system.
    public var processorTime: Duration {
        let text = (try? readWholeFile("/proc/\(pid)/stat")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        // The name in parentheses may hold spaces; the counters are the 14th and 15th field of the line.
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else {
            return .zero
        }
        return .milliseconds((user + system) * 1000 / Int(sysconf(Int32(_SC_CLK_TCK))))
    }
}

/// One `[INSPECT]` line, taken apart.
public struct AccessLine: Sendable {
    /// The line as written.
    public let text: String
    private let values: [String: String]

    /// Takes a line apart; `nil` when it is not an access line.
    public init?(_ text: String) {
        let mark = "[INSPECT] "
        guard text.hasPrefix(mark) else { return nil }
        self.text = text
        var values: [String: String] = [:]
        var rest = text.dropFirst(mark.count)
        while let colon = rest.firstIndex(of: ":") {
            let name = String(rest[..<colon])
            rest = rest[colon...].dropFirst(2)
            let end = rest.firstRange(of: " | ")
            values[name] = String(rest[..<(end?.lowerBound ?? rest.endIndex)])
            rest = end.map { rest[$0.upperBound...] } ?? ""
        }
        self.values = values
    }

    /// The method.
    public var method: String? { values["Method"] }
    /// The target.
    public var path: String? { values["Path"] }
    /// The client's product.
    public var userAgent: String? { values["User-Agent"] }
    /// The client's address.
    public var client: String? { values["Client"] }
    /// The backend that answered, `-` when none did.
    public var backend: String? { values["Backend"] }
    /// The status.
    public var status: Int? { values["Status"].flatMap { Int($0) } }
    /// The size.
    public var bytes: Int? { values["Bytes"].flatMap { Int($0) } }
    /// The duration, with its unit.
    public var time: String? { values["Time"] }
    /// What went wrong, if anything did.
    public var error: String? { values["Error"] }
}
