internal import Configuration
internal import Events
internal import Upstreams

/// Probes one backend when it is told to: its addresses one after the other until one answers.
final class AddressProber {
    /// What a round came to.
    enum Outcome {
        /// This address answered as wanted.
        case good(SocketAddress)
        /// An address answered something else, for this reason.
        case wrong(String)
        /// None answered, the last one for this reason.
        case silent(String)
        /// This machine cannot probe, for this reason, which says nothing of the backend.
        case impossible(String)
    }

    /// The probe that is on.
    private struct Running {
        let probe: Probe
        let start: LoopTime
        var round: ProbeRound
    }

    private let backend: Backend
    private let loop: EventLoop
    private var health: HealthConfiguration
    private let log: (String) -> Void
    private let finished: (Outcome) -> Void
    private var method: String
    private var running: Running?

    /// A prober that is at rest.
    ///
    /// - Parameters:
    ///   - backend: whom to probe; its probes are counted there.
    ///   - loop: the loop to run on.
    ///   - health: how to probe.
    ///   - log: told when the method changes.
    ///   - finished: told what each round came to, unless it was cancelled.
    init(
        _ backend: Backend,
        on loop: EventLoop,
        health: HealthConfiguration,
        log: @escaping (String) -> Void,
        finished: @escaping (Outcome) -> Void
    ) {
        self.backend = backend
        self.loop = loop
        self.health = health
        self.log = log
        self.finished = finished
        method = health.method
    }

    /// Whether a round is on.
    var isProbing: Bool { running != nil }

    /// Probes by other rules from the next round on.
    func follow(_ health: HealthConfiguration) {
        self.health = health
        method = health.method
    }

    /// Begins a round.
    func begin(_ round: ProbeRound) {
        let probe = Probe(
            sending: request,
            timeoutText: health.timeout.configurationText,
            on: loop
        ) { [unowned self] in take($0) }
        running = Running(probe: probe, start: LoopTime.current(), round: round)
        probe.start(to: round.address, timeout: LoopInterval(health.timeout))
    }

    /// Ends the round that is on, without an outcome.
    func cancel() {
        running?.probe.cancel()
        running = nil
    }

    private var request: [UInt8] {
        let text =
            "\(method) \(health.path) HTTP/1.1\r\nHost: \(backend.address)\r\n"
            + "User-Agent: swerve-health/\(SwerveVersion.current)\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        return Array(text.utf8)
    }

    private func take(_ result: Probe.Result) {
        guard let running = running.take() else { return }
        let duration = LoopTime.current().nanoseconds(since: running.start)
        switch result {
        case .answered(let status) where health.expectedStatus.contains(status):
            backend.update { $0.probes.succeeded(after: duration) }
            finished(.good(running.round.address))
        case .answered(let status):
            backend.update { $0.probes.failed(after: duration) }
            if method == "HEAD", status == 405 || status == 501 {
                method = "GET"
                log("backend \(backend.name) does not answer HEAD; probing it with GET from now on")
                return begin(running.round)
            }
            let wanted = "want \(health.expectedStatus); see --health-path, --health-status"
            finished(.wrong("\(method) \(health.path) answered \(status), \(wanted)"))
        case .failed(let reason):
            backend.update { $0.probes.failed(after: duration) }
            var round = running.round
            if round.turn() { begin(round) } else { finished(.silent(reason)) }
        case .impossible(let reason):
            finished(.impossible(reason))
        }
    }
}
