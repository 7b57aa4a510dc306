internal import Synchronization

/// What one worker counts about its clients: moved on by the worker's thread alone, read by any.
public final class WorkerCounters: Sendable {
    private let open = Gauge()
    private let accepted = Counter()
    private let receivedBytes = Counter()
    private let sentBytes = Counter()
    private let ends: InlineArray<18, Counter> = InlineArray { _ in Counter() }
    private let rejections: InlineArray<5, Counter> = InlineArray { _ in Counter() }
    private let noBackend: InlineArray<3, Counter> = InlineArray { _ in Counter() }

    private let droppedLogLines = Atomic<UInt64>(0)

    /// Nothing counted yet.
    public init() {}

    /// A client connected.
    public func clientConnected() {
        open.move(by: 1)
        accepted.add()
    }

    /// A client's connection closed.
    public func clientLeft() { open.move(by: -1) }

    /// Bytes came from a client.
    public func received(_ count: Int) { receivedBytes.add(UInt64(count)) }

    /// Bytes were sent to a client.
    public func sent(_ count: Int) { sentBytes.add(UInt64(count)) }

    /// A request ended, whether it became an exchange or not.
    public func ended(_ reason: EndReason) { ends[reason.rawValue].add() }

    /// A request was refused.
    public func rejected(_ reason: RejectReason) { rejections[reason.rawValue].add() }

    /// A request found no backend.
    public func foundNoBackend(_ reason: NoBackendReason) { noBackend[reason.rawValue].add() }

    /// Lines of the access log were dropped.
    public func logLinesDropped(_ count: Int) {
        droppedLogLines.add(UInt64(count), ordering: .relaxed)
    }

    /// Adds what was counted to `totals`; from any thread.
    public func add(to totals: inout ClientTotals) {
        totals.open += open.value
        totals.accepted += accepted.value
        totals.received += receivedBytes.value
        totals.sent += sentBytes.value
        totals.droppedLogLines += droppedLogLines.load(ordering: .relaxed)
        for index in ends.indices { totals.ends[index] += ends[index].value }
        for index in rejections.indices { totals.rejected[index] += rejections[index].value }
        for index in noBackend.indices { totals.noBackend[index] += noBackend[index].value }
    }
}
