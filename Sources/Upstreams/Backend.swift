public import Configuration
internal import Events
public import Observability
internal import Synchronization

/// One backend: who it is, and what the watch over it and the operator say of it.
///
/// It outlives reloads of the configuration that keep its address and its name. Written by the thread that probes,
/// read by every other one; for a request nothing is read here, see `BackendBoard`.
public final class Backend: Sendable {
    /// The address as configured.
    public let address: BackendAddress
    /// What logs and metrics call it.
    public let name: String

    private let configured: Mutex<BackendConfiguration>
    private let state: Mutex<BackendState>
    private let counters = Mutex<[BackendCounters]>([])

    /// A backend that is taken for alive, at its literal address if it has one.
    public init(_ configuration: BackendConfiguration) {
        address = configuration.address
        name = configuration.name
        configured = Mutex(configuration)
        let literal = SocketAddress(literal: address.host, port: address.port)
        state = Mutex(BackendState(address: literal, since: LoopTime.current()))
    }

    /// What is wanted of it at this moment.
    public var configuration: BackendConfiguration { configured.withLock { $0 } }

    /// Whether it stays the same backend under `configuration`, with all that is known of it.
    func isSame(under configuration: BackendConfiguration) -> Bool {
        configuration.address == address && configuration.name == name
    }

    /// Goes on under another configuration of the same address and name.
    func follow(_ configuration: BackendConfiguration) {
        configured.withLock { $0 = configuration }
    }

    /// Makes counters for one more worker.
    public func makeCounters() -> BackendCounters {
        let made = BackendCounters()
        counters.withLock { $0.append(made) }
        return made
    }

    /// What its traffic counts, over all workers.
    public var traffic: BackendTotals {
        var totals = BackendTotals()
        for worker in counters.withLock({ $0 }) { worker.add(to: &totals) }
        return totals
    }

    /// What is known, at this moment.
    public var current: BackendState { state.withLock { $0 } }

    /// Changes what is known; `BackendBoard.change` is for whatever workers have to hear of.
    public func update(_ body: (inout BackendState) -> Void) {
        state.withLock { body(&$0) }
    }
}
