internal import Configuration
internal import Discovery
internal import Events
internal import Observability
internal import Upstreams

/// The watch over one backend: probes it, takes what traffic and its name say, and publishes when it comes and goes.
final class BackendWatch {
    /// Whom a watch tells, and by what.
    struct Surroundings {
        let loop: EventLoop
        let board: BackendBoard
        /// Told each transition in one line.
        let log: (String) -> Void
        /// Told what kept a look from being taken, and a line about it.
        let report: (Fault, String) -> Void
        /// Told that the board says so of one more backend.
        let backendWentDown: () -> Void
    }

    /// Why the next probes are not those that the cadence wants.
    private enum Suspicion {
        case none
        /// Traffic failed in a way that may be the request's fault; it was counted, and is once until the next result.
        case counted
        /// A request waits in vain: failed probes follow each other without a pause until they have decided.
        case pressing
    }

    let backend: Backend
    private let surroundings: Surroundings
    private var loop: EventLoop { surroundings.loop }
    private var health: HealthConfiguration

    private var machine: HealthStateMachine
    private var suspicion = Suspicion.none
    /// When a probe was good last.
    private var lastGood: LoopTime?
    private var prober: AddressProber?
    private var timer: Timer?
    private var isStopped = false
    /// Follows the backend's name, if it was given by one.
    private var name: FollowedName?
    private var record = NameRecord()
    /// Called when the name was looked up for the first time.
    private var located: (() -> Void)?

    /// A watch that has not begun.
    ///
    /// - Parameters:
    ///   - backend: the backend.
    ///   - surroundings: whom to tell, and by what.
    ///   - health: how to probe.
    ///   - resolver: looks names up; `nil` for a backend that was given by its address.
    init(
        _ backend: Backend,
        in surroundings: Surroundings,
        health: HealthConfiguration,
        resolver: NameResolver?
    ) {
        self.backend = backend
        self.surroundings = surroundings
        self.health = health
        machine = HealthStateMachine(rise: health.rise, fall: health.fall)
        prober = AddressProber(backend, on: loop, health: health, log: log) { [unowned self] in take($0) }
        timer = Timer(on: loop) { [unowned self] in begin() }
        if !health.isProbing { found(.up, cause: .probe) }
        guard let resolver else { return }
        name = FollowedName(
            backend.address.host,
            port: backend.address.port,
            resolver: resolver,
            on: loop,
            cadence: ProbeCadence.nameLookUps(health)
        ) { [unowned self] in take($0) }
        machine.becameUnreachable()
        found(.unresolved, reason: "dns: not resolved yet", cause: .nameLookup)
    }

    private var log: (String) -> Void { surroundings.log }
    private var probes: Bool { health.isProbing && backend.current.duty != .maintenance }
    private var address: SocketAddress? { backend.current.address }

    // MARK: Beginning and ending

    /// Begins to watch.
    ///
    /// - Parameter located: called once, when the backend's address is known, or known to be missing.
    func start(_ located: @escaping () -> Void) {
        guard let name else {
            located()
            return begin()
        }
        self.located = located
        name.start()
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
        prober?.follow(health)
        machine.follow(rise: health.rise, fall: health.fall)
        name?.follow(ProbeCadence.nameLookUps(health))
        if !health.isProbing, address != nil {
            // No probe could bring it back any more, now or when the operator has it serve again.
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
        name?.pause()
        endLook()
        timer?.cancel()
        backend.update { $0.nextProbe = nil }
    }

    private func endLook() {
        prober?.cancel()
        suspicion = .none
    }

    private func wake() {
        rest()
        guard !isStopped else { return }
        name?.start()
        begin()
    }

    // MARK: Traffic

    /// Takes what traffic says against the backend.
    func take(_ evidence: TrafficEvidence) {
        guard !isStopped else { return }
        guard probes else { return avoid(evidence) }
        guard machine.isUp else { return }
        switch evidence {
        case .unreachable(let reason):
            name?.refresh()
            let wasSteady = machine.cadence == .steady
            if machine.failed() {
                wentDown(.down, reason, cause: .traffic)
            } else if name != nil {
                begin()
            } else if wasSteady, prober?.isProbing == false {
                // A probe that is due sooner already must not be put off by every further failure.
                schedule()
            }
        case .suspected(let reason):
            guard case .none = suspicion else { return }
            suspicion = .counted
            if machine.failed() { return wentDown(.down, reason, cause: .traffic) }
            begin()
        case .mute:
            // A backend that is slow to its clients and quick to probes is not probed for each of them.
            if let lastGood, loop.now.nanoseconds(since: lastGood) < health.timeout.nanoseconds { return }
            switch suspicion {
            case .pressing: return
            case .none: machine.doubted()
            case .counted: break
            }
            suspicion = .pressing
            begin()
        }
    }

    /// Has traffic try another address of the name; without probes nothing could bring the backend back, so it is not
    /// taken out either.
    private func avoid(_ evidence: TrafficEvidence) {
        if case .unreachable = evidence, let next = record.next(after: address) { use(next) }
        name?.refresh()
    }

    // MARK: The name

    private func take(_ finding: FollowedName.Finding) {
        if case .nothing(let reason) = finding {
            surroundings.report(.name, "dns: \(backend.address.host): \(reason)")
        }
        for change in record.take(finding, used: address) {
            switch change {
            case .appeared(let first, let wasMissed):
                use(first)
                // A name that has an address at last is trusted like a backend at the start.
                machine.becameReachable()
                if wasMissed {
                    cameUp(.trial, cause: .nameLookup)
                } else {
                    found(.trial, cause: .nameLookup)
                }
                begin()
            case .moved(let first):
                use(first)
                endLook()
                begin()
            case .missing(let reason):
                wentDown(.unresolved, "dns: \(backend.address.host): \(reason)", cause: .nameLookup)
            case .stale(let reason):
                let kept = "the name no longer resolves, its last address is kept"
                log("backend \(backend.name): \(kept): \(reason)")
            case .recovered:
                log("backend \(backend.name): the name resolves again")
            }
        }
        located.take()?()
    }

    // MARK: The probe

    /// Begins a look, unless one is on.
    private func begin() {
        guard !isStopped, probes, let prober, !prober.isProbing, let address else { return }
        timer?.cancel()
        backend.update { $0.nextProbe = nil }
        prober.begin(ProbeRound(from: address, among: record.addresses))
    }

    private func take(_ outcome: AddressProber.Outcome) {
        let suspicion = suspicion
        self.suspicion = .none
        switch outcome {
        case .good(let address): answered(from: address)
        case .wrong(let reason):
            if machine.failed() { wentDown(.down, reason, cause: .probe) }
        case .impossible(let reason):
            surroundings.report(.probe, "backend \(backend.name) cannot be probed: \(reason)")
        case .silent(let reason):
            name?.refresh()
            if machine.failed() {
                wentDown(.down, reason, cause: .probe)
            } else if case .pressing = suspicion, machine.isUp {
                self.suspicion = .pressing
            }
        }
        schedule()
    }

    private func answered(from address: SocketAddress) {
        lastGood = loop.now
        if address != self.address { use(address) }
        if machine.succeeded() {
            cameUp(.up, cause: .probe)
        } else if machine.isUp, backend.current.health == .trial {
            found(.up, cause: .probe)
        }
    }

    private func schedule() {
        guard probes, address != nil else { return }
        var pause = Duration.zero
        if case .pressing = suspicion {
            // The next one comes in the next turn of the loop.
        } else {
            pause = ProbeCadence.pause(health, machine.cadence) * Double.random(in: 0.9...1.1)
        }
        timer?.start(after: pause)
        let time = LoopTime(nanoseconds: loop.now.nanoseconds + pause.nanoseconds)
        backend.update { $0.nextProbe = time }
    }

    // MARK: Transitions

    private func found(_ health: BackendState.Health, reason: String = "", cause: BackendState.Cause) {
        let now = loop.now
        surroundings.board.change(backend) { $0.found(health, reason: reason, cause: cause, at: now) }
    }

    private func use(_ address: SocketAddress) {
        surroundings.board.change(backend) { $0.address = address }
    }

    private func wentDown(_ health: BackendState.Health, _ reason: String, cause: BackendState.Cause) {
        let age = age
        suspicion = .none
        found(health, reason: reason, cause: cause)
        surroundings.backendWentDown()
        log("backend \(backend.name) down after \(age) up: \(reason)")
        if prober?.isProbing == false { schedule() }
    }

    private func cameUp(_ health: BackendState.Health, cause: BackendState.Cause) {
        let age = age
        found(health, cause: cause)
        log("backend \(backend.name) up after \(age) down")
    }

    /// How long the state that ends now has held.
    private var age: String {
        let milliseconds = loop.now.nanoseconds(since: backend.current.since) / 1_000_000
        return milliseconds < 1000 ? "\(milliseconds) ms" : "\(milliseconds / 1000) s"
    }
}
