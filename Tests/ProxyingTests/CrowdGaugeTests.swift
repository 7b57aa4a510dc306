import Testing

@testable import Proxying

@Suite struct CrowdGaugeTests {
    @Test func `a crowd is over when three quarters of it have gone`() {
        var gauge = CrowdGauge()
        for count in [1, 1000, 400] { gauge.rise(to: count) }
        #expect(!gauge.isOver(at: 251))
        #expect(gauge.isOver(at: 250))
    }

    @Test func `a few are no crowd`() {
        var gauge = CrowdGauge()
        gauge.rise(to: CrowdGauge.crowd - 1)
        #expect(!gauge.isOver(at: 0))
    }

    @Test func `a gauge that was set counts from those who are left`() {
        var gauge = CrowdGauge()
        gauge.rise(to: 1000)
        gauge.set(to: 300)
        #expect(!gauge.isOver(at: 76))
        #expect(gauge.isOver(at: 75))
    }
}
