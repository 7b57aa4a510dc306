@testable import Events

/// Runs `loop` until `body` of the test calls `stop`, but not for ever.
///
/// - Returns: whether it was stopped in time.
func runToStop(_ loop: EventLoop, atMost limit: Duration = .seconds(10)) -> Bool {
    var isInTime = true
    let guardian = Timer(on: loop) {
        isInTime = false
        loop.stop()
    }
    guardian.start(after: limit)
    loop.run()
    guardian.cancel()
    return isInTime
}

/// One end of a connection that writes down what happens to it.
final class Recorder: ByteStream {
    var bytes: [UInt8] = []
    var presented: [Int] = []
    var events: [String] = []
    /// How many of the bytes given are taken.
    var take: (Int) -> Int = { $0 }
    var onEvent: (String) -> Void = { _ in }

    private func note(_ event: String) {
        events.append(event)
        onEvent(event)
    }

    override func ready() { note("connected") }
    override func connectFailed(_ code: Int32) {
        note(code == SystemError.connectionRefused ? "refused" : "failed to connect")
    }
    override func received(_ span: Span<UInt8>) -> Int {
        presented.append(span.count)
        let taken = take(span.count)
        for index in 0..<taken { bytes.append(span[index]) }
        note("received")
        return taken
    }
    override func ended(_ end: InputEnd) { note("ended") }
    override func failed(_ code: Int32) { note("failed") }
    override func drained() { note("drained") }
    override func outputFailed(timedOut: Bool) { note("output failed") }
    override func deadlinePassed() { note("deadline") }
    override func didClose() { note("closed") }
}

/// Two ends of a loopback connection on one loop.
struct Pair {
    let loop: EventLoop
    let listener: HTTPListener
    let near: Recorder
    let far: Recorder

    /// Connects and accepts, and returns when both ends stand.
    init() throws {
        let loop = try EventLoop()
        let far = Recorder(on: loop)
        let near = Recorder(on: loop)
        let listener = try HTTPListener(
            BoundSocket(
                SocketAddress(ip: .v4([127, 0, 0, 1]), port: 0),
                isDualStack: false,
                sharesPort: false
            ),
            on: loop,
            room: { 10 },
            admit: { true },
            acceptFailed: { _ in },
            makeConnection: { _ in far }
        )
        self.loop = loop
        self.listener = listener
        self.near = near
        self.far = far
        let check: (String) -> Void = { _ in
            if near.events.contains("connected"), far.events.contains("connected") { loop.stop() }
        }
        near.onEvent = check
        far.onEvent = check
        try near.connect(to: listener.address, timeout: .seconds(5))
        _ = runToStop(loop)
        near.onEvent = { _ in }
        far.onEvent = { _ in }
    }

    /// Runs the loop until `isDone`, which is asked after each turn.
    func run(until isDone: @escaping () -> Bool) -> Bool {
        let loop = loop
        var isAsked = true
        loop.addTurnEnd { if isAsked, isDone() { loop.stop() } }
        defer { isAsked = false }
        return runToStop(loop)
    }

    /// Closes both ends and forgets what they and the loop were to do, without which their memory would stay.
    func close() {
        for end in [near, far] {
            end.close()
            end.take = { $0 }
            end.onEvent = { _ in }
        }
        loop.removeTurnEnds()
        // What closed is kept until a turn ends.
        let last = Timer(on: loop) { [loop] in loop.stop() }
        last.start(after: .zero)
        loop.run()
    }
}
