import Testing

@testable import Serving

@Suite struct DescriptorBudgetTests {
    @Test func `each backend, each worker and the rest keep theirs, and a client may need two`() {
        let budget = DescriptorBudget(limit: 1000, backendCount: 3, workerCount: 2)
        #expect(budget.forTraffic == 1000 - 64 - 6 - 16)
        #expect(budget.clients(wanted: nil).limit == budget.forTraffic / 2)
        let few = DescriptorBudget(limit: 2000, backendCount: 3, workerCount: 2).clients(wanted: 10)
        #expect(few.limit == 10 && few.warnings.isEmpty)
    }

    @Test func `backends that come and go change what is left for traffic`() {
        var budget = DescriptorBudget(limit: 1000, backendCount: 3, workerCount: 2)
        budget.follow(backendCount: 103)
        #expect(budget.forTraffic == 1000 - 64 - 206 - 16)
        budget.follow(backendCount: 3)
        #expect(budget.forTraffic == 1000 - 64 - 6 - 16)
        budget.follow(backendCount: 5000)
        #expect(budget.forTraffic == 2)
    }

    @Test func `more than there is, and little, is said`() {
        let budget = DescriptorBudget(limit: 256, backendCount: 1, workerCount: 1)
        let (limit, warnings) = budget.clients(wanted: 1000)
        #expect(limit == 91 && warnings.count == 2)
    }
}
