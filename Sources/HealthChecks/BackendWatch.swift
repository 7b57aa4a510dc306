internal import Configuration
internal import Events
internal import Upstreams

/// The watch over one backend: resolves its name, probes it, and says when it comes and goes.
final class BackendWatch {
    private let index: Int
    private let loop: EventLoop
    private let board: BackendBoard
    private let health: HealthConfiguration
    private let resolver: NameResolver?
    private let log: (String) -> Void
    private let backend: BackendAddress

    private var machine: HealthStateMachine
    private var stateSince: LoopTime
    private var method: String
    private var probe: Probe?
    private var isResolving = false
    /// What the name stands for.
    private var candidates: [SocketAddress] = []
    /// Which of them the look that is going on asks.
    private var asked: SocketAddress?
    /// How many of them it has asked in vain.
    private var vainCandidates = 0
    /// The name was looked up in vain, and that was said.
    private var isKnownMissing = false
    private var isStopped = false
    /// A failure that may be the request's fault was counted since the last probe.
    private var isSuspected = false
    private var timer: Timer?

    /// The cadences of a changing and of a down backend, unless the steady interval is shorter (HAProxy's `fastinter`
    /// and `downinter`).
    private static let transitionInterval = Duration.seconds(2)
    private static let downInterval = Duration.seconds(5)

    init(
        of index: Int,
        on loop: EventLoop,
        board: BackendBoard,
        health: HealthConfiguration,
        resolver: NameResolver?,
        log: @escaping (String) -> Void
    ) {
        self.index = index
        self.loop = loop
        self.board = board
        self.health = health
        self.log = log
        backend = board.backends[index]
        self.resolver = backend.isLiteral ? nil : resolver
        machine = HealthStateMachine(rise: health.rise, fall: health.fall)
        stateSince = loop.now
        method = health.method
        timer = Timer(on: loop) { [unowned self] in look() }
        guard !backend.isLiteral else { return }
        machine.becameUnreachable()
        board.set(index, alive: false, reason: "dns: not resolved yet")
    }

    private var probes: Bool { health.interval != .zero }

    /// Begins to watch.
    ///
    /// - Parameter located: called when the backend's address is known, or known to be missing.
    func start(_ located: @escaping () -> Void) {
        guard resolver != nil else {
            located()
            return look()
        }
        resolve { [unowned self] in
            located()
            probeIfWanted()
        }
    }

    /// Looks at the backend, after its name.
    func look() {
        guard !isStopped, probe == nil, !isResolving else { return }
        guard resolver != nil else { return probeIfWanted() }
        resolve { [unowned self] in probeIfWanted() }
    }

    func stop() {
        isStopped = true
        timer?.cancel()
        probe?.cancel()
        probe = nil
    }

    /// Counts a failure of traffic.
    ///
    /// Without probes nothing could bring the backend back, so then it is not taken out either.
    func trafficFailed(_ reason: String, isSuspicion: Bool) {
        guard !isStopped else { return }
        guard probes else {
            if !isSuspicion, let next = candidate(after: board.address(of: index)) {
                board.set(index, address: next)
            }
            if resolver != nil, !isResolving { resolve {} }
            return
        }
        guard machine.isUp else { return }
        if isSuspicion {
            if isSuspected { return }
            isSuspected = true
        }
        let wasSteady = machine.cadence == .steady
        if machine.failed() {
            wentDown(reason)
        } else if isSuspicion || resolver != nil {
            look()
        } else if wasSteady {
            // A probe that is due sooner already must not be put off by every further failure.
            schedule()
        }
    }

    // MARK: The name

    private func resolve(_ then: @escaping () -> Void) {
        isResolving = true
        resolver?.resolve(backend.host, port: backend.port) { [unowned self] answer in
            isResolving = false
            guard !isStopped else { return }
            take(answer)
            then()
        }
    }

    private func take(_ answer: NameResolver.Answer) {
        switch answer {
        case .found(let addresses):
            candidates = addresses
            let known = board.address(of: index)
            if known.map(addresses.contains) != true { board.set(index, address: addresses[0]) }
            if known == nil { nameAppeared() }
        case .failed(let reason):
            // The last good address is kept: a name server's bad hour is not the backend's.
            guard board.address(of: index) == nil, !isKnownMissing else { return }
            isKnownMissing = true
            wentDown("dns: \(backend.host): \(reason)")
        }
    }

    /// A name that has an address at last is trusted like a backend at the start.
    private func nameAppeared() {
        machine.becameReachable()
        if isKnownMissing {
            cameUp()
        } else {
            board.set(index, alive: true, reason: "")
        }
    }

    // MARK: The probe

    private func probeIfWanted() {
        guard let known = board.address(of: index) else { return schedule() }
        guard probes else { return }
        let address = asked ?? known
        asked = address
        let probe = Probe(
            sending: request,
            timeoutText: health.timeout.configurationText,
            on: loop
        ) { [unowned self] in finished($0) }
        self.probe = probe
        probe.start(to: address, timeout: LoopInterval(health.timeout))
    }

    private var request: [UInt8] {
        let text =
            "\(method) \(health.path) HTTP/1.1\r\nHost: \(backend)\r\n"
            + "User-Agent: swerve-health/\(SwerveVersion.current)\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        return Array(text.utf8)
    }

    private func finished(_ result: Probe.Result) {
        probe = nil
        isSuspected = false
        guard !isStopped else { return }
        switch result {
        case .answered(let status) where health.expectedStatus.contains(status):
            if let asked, asked != board.address(of: index) { board.set(index, address: asked) }
            if machine.succeeded() { cameUp() }
        case .answered(405) where method == "HEAD", .answered(501) where method == "HEAD":
            method = "GET"
            log("backend \(backend) does not answer HEAD; probing it with GET from now on")
            return probeIfWanted()
        case .answered(let status):
            let reason =
                "\(method) \(health.path) answered \(status), want \(health.expectedStatus); "
                + "see --health-path, --health-status"
            if machine.failed() { wentDown(reason) }
        case .impossible: break
        case .failed(let reason):
            if tryNextCandidate() { return probeIfWanted() }
            if machine.failed() { wentDown(reason) }
        }
        vainCandidates = 0
        asked = nil
        schedule()
    }

    /// Turns to the next address of a name that has several, until each was asked once.
    ///
    /// Traffic goes on to the address that is known until another one has answered.
    private func tryNextCandidate() -> Bool {
        vainCandidates += 1
        guard vainCandidates < candidates.count, let next = candidate(after: asked) else { return false }
        asked = next
        return true
    }

    /// The address behind `address` among those of the name, around the end; `nil` when there is no other.
    private func candidate(after address: SocketAddress?) -> SocketAddress? {
        guard candidates.count > 1, let address else { return nil }
        let position = candidates.firstIndex(of: address) ?? candidates.count - 1
        return candidates[(position + 1) % candidates.count]
    }

    private func schedule() {
        let interval = probes ? health.interval : Self.downInterval
        let wanted: Duration =
            switch machine.cadence {
            case .steady: interval
            case .transition: min(interval, Self.transitionInterval)
            case .down: min(interval, Self.downInterval)
            }
        timer?.start(after: wanted * Double.random(in: 0.9...1.1))
    }

    // MARK: Transitions

    private func wentDown(_ reason: String) {
        board.set(index, alive: false, reason: reason)
        log("backend \(backend) down after \(takeAge()) up: \(reason)")
        schedule()
    }

    private func cameUp() {
        board.set(index, alive: true, reason: "")
        log("backend \(backend) up after \(takeAge()) down")
    }

    /// How long the state that ends now has held.
    private func takeAge() -> String {
        let milliseconds = loop.now.nanoseconds(since: stateSince) / 1_000_000
        stateSince = loop.now
        return milliseconds < 1000 ? "\(milliseconds) ms" : "\(milliseconds / 1000) s"
    }
}
