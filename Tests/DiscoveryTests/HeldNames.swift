import Events
import TestSupport

/// A name server of the tests' own: it answers when it is let, and writes down who is asked.
final class HeldNames: Sendable {
    struct State {
        var addresses: [String: [UInt8]] = [:]
        var held: Set<String> = []
        var asked: [String] = []
        var running = 0
        var mostRunning = 0
    }

    let state = Monitor(State())

    /// Looks a name up, when it is not held.
    func find(_ host: String) -> HostLookup.Answer {
        state.access {
            $0.asked.append(host)
            $0.running += 1
            $0.mostRunning = max($0.mostRunning, $0.running)
        }
        defer { state.access { $0.running -= 1 } }
        return state.wait(until: .after(.seconds(120))) { state in
            if state.held.contains(host) { return nil }
            return state.addresses[host].map { .found([.v4($0)]) } ?? .failed("unknown")
        } ?? .failed("held for too long")
    }

    /// Has a name stand for an address.
    func set(_ host: String, _ address: [UInt8]) { state.access { $0.addresses[host] = address } }

    /// Has look-ups of these names hang.
    func hold(_ hosts: [String]) { state.access { $0.held.formUnion(hosts) } }

    /// Has look-ups of one name, or of all, go on.
    func release(_ host: String? = nil) {
        state.access { state in
            if let host { state.held.remove(host) } else { state.held = [] }
        }
    }

    var asked: [String] { state.read { $0.asked } }
    var running: Int { state.read { $0.running } }
    var mostRunning: Int { state.read { $0.mostRunning } }
}
