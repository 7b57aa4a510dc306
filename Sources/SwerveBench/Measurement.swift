/// Prints what one repetition of an operation costs.
///
/// The best of several rounds counts: whatever else the machine does can only make a round slower.
enum Measurement {
    private static let rounds = 7
    private static let roundLength = Duration.milliseconds(60)

    /// Measures `body`, which repeats its operation as often as it is told and returns something of every result, so
    /// that no repetition can be left out.
    static func run(_ name: String, _ body: (Int) -> Int) {
        let clock = ContinuousClock()
        var repetitions = 1
        var sum = 0
        while clock.measure({ sum &+= body(repetitions) }) < roundLength { repetitions *= 2 }
        var best = Duration.seconds(3600)
        for _ in 0..<rounds { best = min(best, clock.measure { sum &+= body(repetitions) }) }
        let tenths = Int(best / .nanoseconds(1) * 10 / Double(repetitions))
        print("\(padded(name, 36)) \(padded("\(tenths / 10).\(tenths % 10)", 8, atEnd: false)) ns")
        if sum == .min { print("") }
    }

    private static func padded(_ text: String, _ width: Int, atEnd: Bool = true) -> String {
        let blanks = String(repeating: " ", count: max(0, width - text.count))
        return atEnd ? text + blanks : blanks + text
    }
}
