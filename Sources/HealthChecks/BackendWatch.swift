internal import Configuration
internal import Events
internal import Observability
internal import Upstreams

/// The watch over one backend: resolves its name, probes it, and says when it comes and goes.
final class BackendWatch {
    let backend: Backend
    private let loop: EventLoop
    private let board: BackendBoard
    private var health: HealthConfiguration
    private let resolver: NameResolver?
    private let log: (String) -> Void
    private let report: (Fault, String) -> Void
    private let backendWentDown: () -> Void

    private var machine: HealthStateMachine
    private var method: String
    private var probe: Probe?
    private var probeStart = LoopTime(nanoseconds: 0)
    private var isResolving = false
    /// What the name stands for.
    private var candidates: [SocketAddress] = []
    /// Which of them the look that is going on asks.
    private var asked: SocketAddress?
    /// How many of them it has asked in vain.
    private var vainCandidates = 0
    /// The name was looked up in vain, and that was said.
    private var isKnownMissing = false
    /// The name resolved once and no longer does, and that was said.
    private var isStale = false
    private var isStopped = false
    /// A failure that may be the request's fault was counted since the last probe.
    private var isSuspected = false
    /// A request waits in vain: failed probes follow each other without a pause until they have decided.
    private var isUrgent = false
    private var timer: Timer?

    /// The cadences of a changing and of a down backend, unless the steady interval is shorter (HAProxy's `fastinter`
    /// and `downinter`).
    private static let transitionInterval = Duration.seconds(2)
    private static let downInterval = Duration.seconds(5)

    init(
        _ backend: Backend,
        on loop: EventLoop,
        board: BackendBoard,
        health: HealthConfiguration,
        resolver: NameResolver?,
        log: @escaping (String) -> Void,
        report: @escaping (Fault, String) -> Void,
        backendWentDown: @escaping () -> Void
    ) {
        self.backend = backend
        self.loop = loop
        self.board = board
        self.health = health
        self.log = log
        self.report = report
        self.backendWentDown = backendWentDown
        self.resolver = backend.address.isLiteral ? nil : resolver
        machine = HealthStateMachine(rise: health.rise, fall: health.fall)
        method = health.method
        timer = Timer(on: loop) { [unowned self] in look() }
        if !health.isProbing { found(.up, cause: .probe) }
        guard !backend.address.isLiteral else { return }
        machine.becameUnreachable()
        found(.unresolved, reason: "dns: not resolved yet", cause: .nameLookup)
    }

    private var probes: Bool { health.isProbing && backend.current.duty != .maintenance }

    private func found(_ state: BackendState.Health, reason: String = "", cause: BackendState.Cause) {
        let now = loop.now
        board.change(backend) { $0.found(state, reason: reason, cause: cause, at: now) }
    }

    private func set(address: SocketAddress) {
        board.change(backend) { $0.address = address }
    }

    private var address: SocketAddress? { backend.current.address }

    /// Begins to watch.
    ///
    /// - Parameter located: called when the backend's address is known, or known to be missing.
    func start(_ located: @escaping () -> Void) {
        guard resolver != nil else {
            located()
            return look()
        }
        resolve { [weak self] in
            located()
            self?.probeIfWanted()
        }
    }

    /// Looks at the backend, after its name.
    func look() {
        guard !isStopped, probe == nil, !isResolving else { return }
        guard resolver != nil else { return probeIfWanted() }
        resolve { [weak self] in self?.probeIfWanted() }
    }

    /// Stops for good.
    func stop() {
        isStopped = true
        rest()
    }

    /// Goes on by other rules; what is known of the backend stays.
    func follow(_ health: HealthConfiguration) {
        guard health != self.health else { return }
        self.health = health
        method = health.method
        machine.follow(rise: health.rise, fall: health.fall)
        if !probes, address != nil, backend.current.duty == .serving {
            // Nothing could bring it back any more.
            machine.becameReachable()
            found(.up, cause: .probe)
        }
        wake()
    }

    /// Follows what the operator wants of the backend: in maintenance it is left alone.
    func dutyChanged() {
        if backend.current.duty == .maintenance { rest() } else { wake() }
    }

    private func rest() {
        timer?.cancel()
        probe?.cancel()
        probe = nil
        asked = nil
        vainCandidates = 0
        backend.update { $0.nextProbe = nil }
    }

    private func wake() {
        rest()
        look()
    }

    /// Counts a failure of traffic.
    ///
    /// Without probes nothing could bring the backend back, so then it is not taken out either.
    func trafficFailed(_ reason: String, isSuspicion: Bool) {
        guard !isStopped else { return }
        guard probes else {
            if !isSuspicion, let next = candidate(after: address) {
                set(address: next)
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
            wentDown(.down, reason, cause: .traffic)
        } else if isSuspicion || resolver != nil {
            look()
        } else if wasSteady {
            // A probe that is due sooner already must not be put off by every further failure.
            schedule()
        }
    }

    /// A request has waited as long as a probe may take, and the backend has answered nobody meanwhile.
    ///
    /// It may be slow to all of them and well, so the wait counts like a probe that failed, but it is a probe that
    /// decides; they follow each other until one is good or the backend is down.
    func suspectMute() {
        guard !isStopped, probes, machine.isUp, !isUrgent else { return }
        isUrgent = true
        machine.doubted()
        look()
    }

    // MARK: The name

    private func resolve(_ then: @escaping () -> Void) {
        isResolving = true
        resolver?.resolve(backend.address.host, port: backend.address.port) { [weak self] answer in
            // A reload may have taken the backend out meanwhile.
            guard let self else { return then() }
            isResolving = false
            guard !isStopped else { return then() }
            take(answer)
            then()
        }
    }

    private func take(_ answer: NameResolver.Answer) {
        switch answer {
        case .found(let addresses):
            candidates = addresses
            if isStale { log("backend \(backend.name): the name resolves again") }
            isStale = false
            let known = address
            if known.map(addresses.contains) != true { set(address: addresses[0]) }
            if known == nil { nameAppeared() }
        case .failed(let reason):
            report(.name, "dns: \(backend.address.host): \(reason)")
            if address != nil { return wentStale(reason) }
            guard !isKnownMissing else { return }
            isKnownMissing = true
            wentDown(.unresolved, "dns: \(backend.address.host): \(reason)", cause: .nameLookup)
        }
    }

    /// The last good address is kept: a name server's bad hour is not the backend's.
    private func wentStale(_ reason: String) {
        guard !isStale else { return }
        isStale = true
        log("backend \(backend.name): the name no longer resolves, its last address is kept: \(reason)")
    }

    /// A name that has an address at last is trusted like a backend at the start.
    private func nameAppeared() {
        machine.becameReachable()
        if isKnownMissing {
            isKnownMissing = false
            cameUp(.trial, cause: .nameLookup)
        } else {
            found(.trial, cause: .nameLookup)
        }
    }

    // MARK: The probe

    private func probeIfWanted() {
        guard let known = address else { return schedule() }
        guard probes else { return }
        let address = asked ?? known
        asked = address
        let probe = Probe(
            sending: request,
            timeoutText: health.timeout.configurationText,
            on: loop
        ) { [unowned self] in finished($0) }
        self.probe = probe
        probeStart = LoopTime.current()
        backend.update { $0.nextProbe = nil }
        probe.start(to: address, timeout: LoopInterval(health.timeout))
    }

    private var request: [UInt8] {
        let text =
            "\(method) \(health.path) HTTP/1.1\r\nHost: \(backend.name)\r\n"
            + "User-Agent: swerve-health/\(SwerveVersion.current)\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        return Array(text.utf8)
    }

    private func finished(_ result: Probe.Result) {
        probe = nil
        isSuspected = false
        guard !isStopped else { return }
        count(result)
        switch result {
        case .answered(let status) where health.expectedStatus.contains(status):
            isUrgent = false
            if let asked, asked != address { set(address: asked) }
            if machine.succeeded() {
                cameUp(cause: .probe)
            } else if machine.isUp, backend.current.health == .trial {
                found(.up, cause: .probe)
            }
        case .answered(405) where method == "HEAD", .answered(501) where method == "HEAD":
            method = "GET"
            log("backend \(backend.name) does not answer HEAD; probing it with GET from now on")
            return probeIfWanted()
        case .answered(let status):
            isUrgent = false
            let reason =
                "\(method) \(health.path) answered \(status), want \(health.expectedStatus); "
                + "see --health-path, --health-status"
            if machine.failed() { wentDown(.down, reason, cause: .probe) }
        case .impossible(let reason):
            report(.probe, "backend \(backend.name) cannot be probed: \(reason)")
        case .failed(let reason):
            if tryNextCandidate() { return probeIfWanted() }
            if machine.failed() { wentDown(.down, reason, cause: .probe) }
        }
        vainCandidates = 0
        asked = nil
        if case .impossible = result { isUrgent = false }
        schedule()
    }

    private func count(_ result: Probe.Result) {
        let isGood: Bool
        switch result {
        case .answered(let status): isGood = health.expectedStatus.contains(status)
        case .failed: isGood = false
        case .impossible: return
        }
        let duration = LoopTime.current().nanoseconds(since: probeStart)
        backend.update {
            if isGood { $0.probes.succeeded(after: duration) } else { $0.probes.failed(after: duration) }
        }
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
        let pause = isUrgent ? .zero : wanted * Double.random(in: 0.9...1.1)
        timer?.start(after: pause)
        let time = LoopTime(nanoseconds: loop.now.nanoseconds + pause.nanoseconds)
        backend.update { $0.nextProbe = time }
    }

    // MARK: Transitions

    private func wentDown(_ state: BackendState.Health, _ reason: String, cause: BackendState.Cause) {
        let age = age
        isUrgent = false
        found(state, reason: reason, cause: cause)
        backendWentDown()
        log("backend \(backend.name) down after \(age) up: \(reason)")
        schedule()
    }

    private func cameUp(_ state: BackendState.Health = .up, cause: BackendState.Cause) {
        let age = age
        found(state, cause: cause)
        log("backend \(backend.name) up after \(age) down")
    }

    /// How long the state that ends now has held.
    private var age: String {
        let milliseconds = loop.now.nanoseconds(since: backend.current.since) / 1_000_000
        return milliseconds < 1000 ? "\(milliseconds) ms" : "\(milliseconds / 1000) s"
    }
}
