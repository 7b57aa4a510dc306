internal import CEventShims
internal import CLibevent
internal import Glibc

/// One event base and the thread that runs it.
///
/// Everything made on a loop stays on the loop's thread. A turn is one wait for events and the callbacks that
/// follow it; objects retired during a turn die at its end, never inside their own callback.
public final class EventLoop {
    let base: OpaquePointer
    /// Where every stream of the loop reads into; valid only during the callback that reads.
    let scratch: UnsafeMutableRawBufferPointer

    /// What to do when accepting fails, by libevent's handle of the listener.
    private var acceptFailures: [OpaquePointer: (Int32) -> Void] = [:]

    private var retired: [AnyObject] = []
    private var deferred: [ByteStream] = []
    private var turnEnds: [() -> Void] = []
    private var turnTime: LoopTime?
    private var isStopped = false
    /// Turns are being run.
    private var isRunning = false

    /// Bytes one read takes at most.
    public static let readSize = 256 * 1024

    /// A loop with nothing to wait for. (`event_base_new_with_config`)
    ///
    /// - Throws: when the system has no descriptors left for it.
    public init() throws(EventError) {
        signal(SIGPIPE, SIG_IGN)
        // A log that reaches the limit of a file's size is a write that fails, and no reason to die.
        signal(SIGXFSZ, SIG_IGN)
        guard let configuration = event_config_new() else {
            throw EventError("event_config_new", code: ENOMEM)
        }
        defer { event_config_free(configuration) }
        let flags = [
            EVENT_BASE_FLAG_NOLOCK, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST, EVENT_BASE_FLAG_IGNORE_ENV,
        ]
        for flag in flags { event_config_set_flag(configuration, Int32(flag.rawValue)) }
        guard let base = event_base_new_with_config(configuration) else {
            throw EventError("event_base_new_with_config", code: errno)
        }
        self.base = base
        scratch = .allocate(byteCount: Self.readSize, alignment: 64)
    }

    deinit {
        retired.removeAll()
        event_base_free(base)
        scratch.deallocate()
    }

    /// The number of turns that have ended.
    public private(set) var turn: UInt64 = 0

    /// The present, read once a turn.
    public var now: LoopTime {
        if let turnTime { return turnTime }
        let time = LoopTime.current()
        turnTime = time
        return time
    }

    /// Runs turns until `stop` is called. (`event_base_loop`)
    public func run() {
        isStopped = false
        isRunning = true
        turnTime = nil
        swerve_set_current_loop(Unmanaged.passUnretained(self).toOpaque())
        defer {
            swerve_set_current_loop(nil)
            isRunning = false
        }
        while !isStopped {
            let flags = deferred.isEmpty ? EVLOOP_ONCE : EVLOOP_ONCE | EVLOOP_NONBLOCK
            // Waiting fails only when the loop's own descriptor is gone. A worker that quietly ended would leave the
            // clients in its queue without an answer, so the process ends and is started anew.
            guard event_base_loop(base, flags) >= 0 else { fatalError("a loop cannot wait any more") }
            endTurn()
        }
    }

    /// Makes `run` return at the end of this turn.
    public func stop() {
        isStopped = true
    }

    /// Calls `action` at the end of each turn.
    public func addTurnEnd(_ action: @escaping () -> Void) {
        turnEnds.append(action)
    }

    /// Forgets what is called at the end of each turn, and with it whatever those calls keep alive.
    public func removeTurnEnds() {
        turnEnds = []
    }

    /// Keeps `object` alive until the turn ends; outside of turns there are no callbacks that may be inside it.
    public func retire(_ object: AnyObject) {
        guard isRunning else { return }
        retired.append(object)
    }

    /// Has `stream` told at the end of this turn that it may go on with what it holds.
    func deferDelivery(to stream: ByteStream) {
        deferred.append(stream)
    }

    /// Has `action` told the system's error number when `listener` cannot accept; whoever closes the listener forgets
    /// it first. (`evconnlistener_set_error_cb`)
    func watchFailures(of listener: OpaquePointer, _ action: @escaping (Int32) -> Void) {
        acceptFailures[listener] = action
        // The callback's own context is evhttp's, so the action is looked up by the handle.
        evconnlistener_set_error_cb(listener) { listener, _ in
            let code = errno
            borrowed(swerve_current_loop(), as: EventLoop.self) { loop in
                if let listener { loop.acceptFailures[listener]?(code) }
            }
        }
    }

    /// Forgets the action for when `listener` cannot accept.
    func forgetFailures(of listener: OpaquePointer) {
        acceptFailures[listener] = nil
    }

    private func endTurn() {
        if !deferred.isEmpty {
            let streams = deferred
            deferred.removeAll(keepingCapacity: true)
            for stream in streams { stream.deliverDeferred() }
        }
        for action in turnEnds { action() }
        turn &+= 1
        turnTime = nil
        if !retired.isEmpty { retired.removeAll(keepingCapacity: true) }
    }
}
