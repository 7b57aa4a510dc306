internal import Balancing
internal import Configuration
internal import Events
internal import Upstreams

/// Why a client lands where it lands, by what the workers go by at this moment.
extension Supervisor {
    /// The explanation for the client with the address in `text`, a line each.
    ///
    /// - Throws: what is wrong with the address.
    func explanation(of text: String) throws(ValueProblem) -> [String] {
        let client = try ClientAddress(configurationText: text, interfaceName: SocketAddress.interfaceName)
        let reading = board.read()
        let candidates = reading.order.enumerated().map { position, backend in
            let isAlive = reading.alive.contains(position)
            return Explanation.Candidate(
                backend.name,
                isAlive: isAlive,
                state: isAlive ? nil : Self.words(for: backend.current)
            )
        }
        return Explanation(client, among: candidates).lines
    }

    private static func words(for state: BackendState) -> String {
        switch state.duty {
        case .drain: "draining"
        case .maintenance: "in maintenance"
        case .serving: state.reason.isEmpty ? "down" : "down: \(state.reason)"
        }
    }
}
