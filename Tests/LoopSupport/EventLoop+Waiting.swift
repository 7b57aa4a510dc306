public import Events

extension EventLoop {
    /// Runs until `isDone`, which is asked every few milliseconds, but not for ever.
    ///
    /// - Returns: whether it came true.
    public func run(atMost limit: Duration = .seconds(30), until isDone: @escaping () -> Bool) -> Bool {
        let end = ContinuousClock.now + limit
        var timer: Timer?
        timer = Timer(on: self) { [unowned self] in
            if isDone() || ContinuousClock.now >= end { return stop() }
            timer?.start(after: .milliseconds(2))
        }
        timer?.start(after: .zero)
        run()
        timer = nil
        return isDone()
    }

    /// Runs for a while, for what must not happen.
    public func run(for duration: Duration) {
        _ = run(atMost: duration) { false }
    }
}
