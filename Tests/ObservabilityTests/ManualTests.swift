import Observability
import TestSupport
import Testing

/// The manual's lists of words that logs and metrics use: nothing is missing there.
@Suite struct ManualTests {
    private static let logs = "Sources/Observability/Observability.docc/Logs.md"
    private static let metrics = "Sources/Observability/Observability.docc/Metrics.md"
    private static let faults = "Sources/Proxying/Proxying.docc/WhenThingsBreak.md"

    @Test func `every metric is in the manual, and no other`() throws {
        let page = try Manual.page(Self.metrics)
        let told = Set(page.split(separator: "`").filter { Self.isMetric($0) }.map(String.init))
        #expect(told == Set(MetricCatalog.all.map(\.name)))
    }

    @Test func `the labels of closed lists are in the manual`() throws {
        let words =
            RetryReason.allCases.map(\.text) + RejectReason.allCases.map(\.text)
            + NoBackendReason.allCases.map(\.text) + Fault.allCases.map(\.rawValue)
        #expect(try Self.missing(words, in: Self.metrics) == [])
    }

    @Test func `every end of a request is in the manual`() throws {
        #expect(try Self.missing(EndReason.allCases.map { "\($0.text)" }, in: Self.logs) == [])
    }

    @Test func `every fault of the machine is in the manual`() throws {
        let words = Fault.allCases.filter { $0 != .crowding }.map(\.rawValue)
        #expect(try Self.missing(words, in: Self.faults) == [])
    }

    private static func isMetric(_ word: Substring) -> Bool {
        (word.hasPrefix("swerve_") || word.hasPrefix("process_"))
            && word.allSatisfy { $0 == "_" || $0.isLowercase }
    }

    /// The words that a page does not have as code.
    private static func missing(_ words: [String], in page: String) throws -> [String] {
        let text = try Manual.page(page)
        return words.filter { !text.contains("`\($0)`") }
    }
}
