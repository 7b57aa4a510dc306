internal import Synchronization

/// What goes wrong below and around the proxy without being a backend's or a client's doing.
public enum Fault: String, CaseIterable, Sendable {
    /// The system refused to accept a client: no descriptors or no memory left.
    case accept
    /// A request found no descriptor, port or buffer for a connection to its backend.
    case connection
    /// A probe found none, so nothing was learnt of its backend.
    case probe
    /// A backend's name was looked up in vain.
    case name
    /// A line of the access log was lost.
    case accessLog = "access_log"
    /// libevent warned of something that should not happen.
    case library
    /// A client at rest was let go because others waited for its place.
    case crowding

    /// Its place among all kinds.
    var position: Int {
        switch self {
        case .accept: 0
        case .connection: 1
        case .probe: 2
        case .name: 3
        case .accessLog: 4
        case .library: 5
        case .crowding: 6
        }
    }
}

/// How often each fault has happened since the start, over all threads.
public final class FaultCounters: Sendable {
    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    private let counters = Fault.allCases.map { _ in Counter() }

    /// Counters at zero.
    public init() {}

    /// Counts a fault that happened `count` times.
    ///
    /// - Returns: how often it has happened by now.
    @discardableResult
    public func add(_ count: Int = 1, to fault: Fault) -> Int {
        counters[fault.position].value.add(count, ordering: .relaxed).newValue
    }

    /// How often a fault has happened.
    public func count(of fault: Fault) -> Int {
        counters[fault.position].value.load(ordering: .relaxed)
    }

    /// How often each fault has happened, by kind.
    public var totals: [(kind: String, count: UInt64)] {
        Fault.allCases.map { ($0.rawValue, UInt64(count(of: $0))) }
    }
}
