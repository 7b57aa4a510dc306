import Observability
import Testing

@Suite struct FaultCountersTests {
    @Test func `each kind is counted for itself`() {
        let counters = FaultCounters()
        for (index, fault) in Fault.allCases.enumerated() {
            #expect(counters.add(index + 1, to: fault) == index + 1)
            #expect(counters.add(to: fault) == index + 2)
        }
        for (index, fault) in Fault.allCases.enumerated() { #expect(counters.count(of: fault) == index + 2) }
        #expect(counters.totals.map(\.count) == Fault.allCases.indices.map { UInt64($0) + 2 })
        #expect(counters.totals.map(\.kind) == Fault.allCases.map(\.rawValue))
    }

    @Test func `labels are words that a metric may have`() {
        for fault in Fault.allCases {
            #expect(!fault.rawValue.isEmpty && fault.rawValue.allSatisfy { $0.isLowercase || $0 == "_" })
        }
    }
}
