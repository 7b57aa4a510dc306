internal import Synchronization

/// A count that one thread moves on and any thread may read.
///
/// With one writer a plain load and store is enough, so the processor has nothing to agree on with the others.
struct Counter: ~Copyable, Sendable {
    private let count = Atomic<UInt64>(0)

    /// The count, possibly a moment old.
    var value: UInt64 { count.load(ordering: .relaxed) }

    /// Moves the count on; for its only writer.
    func add(_ amount: UInt64 = 1) {
        count.store(count.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }
}

/// A number that goes up and down, moved by one thread and read by any.
struct Gauge: ~Copyable, Sendable {
    private let number = Atomic<Int>(0)

    /// The number, possibly a moment old.
    var value: Int { number.load(ordering: .relaxed) }

    /// Moves the number by `amount`; for its only writer.
    func move(by amount: Int) {
        number.store(number.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }
}

/// A histogram of durations with one writer, with the bounds of `HistogramBounds.request`.
struct HistogramCounter: ~Copyable, Sendable {
    private let bounds: InlineArray<15, UInt64>
    private let counts: InlineArray<16, Counter>
    private let sum = Counter()

    init() {
        let source = HistogramBounds.request.nanoseconds
        bounds = InlineArray { source[$0] }
        counts = InlineArray { _ in Counter() }
    }

    /// Adds one value; for its only writer.
    func record(_ nanoseconds: UInt64) {
        var bucket = 0
        while bucket < bounds.count, bounds[bucket] < nanoseconds { bucket += 1 }
        counts[bucket].add()
        sum.add(nanoseconds)
    }

    /// Adds what was recorded to `totals`, which has the same bounds.
    func add(to totals: inout HistogramTotals) {
        for bucket in counts.indices { totals.counts[bucket] += counts[bucket].value }
        totals.nanoseconds += sum.value
    }
}
