/// What a request that went wrong says against a backend.
public enum TrafficEvidence: Sendable {
    /// No connection could be made, for this reason; that counts like a failed probe.
    case unreachable(String)
    /// The backend broke off, for this reason, and the request may be at fault: the backend is probed at once, and
    /// what happened counts like a failed probe, once between two probes.
    case suspected(String)
    /// A request has waited `--health-timeout` for an answer, and the backend has given no answer at all meanwhile.
    ///
    /// That counts like a failed probe which does not decide. The backend is probed at once, and probes follow each
    /// other without a pause until one is answered or the backend is down.
    case mute
}
