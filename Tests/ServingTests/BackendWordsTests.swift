import Configuration
import Events
import Observability
import Testing
import Upstreams

@testable import Serving

/// Metrics and the status page have words of their own for what is known of a backend.
@Suite struct BackendWordsTests {
    @Test func `each standing has a word, and gets requests or not in both`() {
        let words = BackendState.Standing.allCases.map { BackendSnapshot.State($0) }
        #expect(words.map(\.rawValue) == ["up", "trial", "down", "dns", "drain", "maintenance"])
        #expect(words.map(\.isAlive) == BackendState.Standing.allCases.map(\.isAlive))
    }

    @Test func `each cause has a word`() {
        let words = BackendState.Cause.allCases.map { HealthTotals.Reason($0).rawValue }
        #expect(words == ["probe", "traffic", "dns", "operator"])
    }

    @Test func `what the watch counted is told`() {
        let backend = Backend(.init(.init(host: "app.internal", port: 80)))
        let now = LoopTime(nanoseconds: 1)
        backend.update {
            $0.probes.succeeded(after: 1_000_000)
            $0.probes.failed(after: 2_000_000)
            $0.found(.unresolved, cause: .nameLookup, at: now)
            $0.assign(.drain, at: now)
        }
        let totals = HealthTotals(backend.current)
        #expect(totals.good == 1 && totals.bad == 1 && totals.duration.count == 2)
        #expect(
            totals.transitions == [
                .init(to: .dns, reason: .dns): 1, .init(to: .drain, reason: .operator): 1,
            ]
        )
    }
}
