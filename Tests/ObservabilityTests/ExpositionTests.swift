import TestSupport
import Testing

/// The reader that judges the metrics refuses what is wrong with them.
@Suite struct ExpositionTests {
    private static let counter = "# HELP a_total h\n# TYPE a_total counter\na_total{x=\"1\"} 1\n"

    @Test func `it reads what is right`() throws {
        let metrics = try Exposition(Array(Self.counter.utf8), isOpenMetrics: false)
        #expect(metrics.value("a_total", ["x": "1"]) == 1)
        let open = "# HELP a h\n# TYPE a counter\na_total{x=\"\\\\\\n\\\"\"} 1\n# EOF\n"
        #expect(try Exposition(Array(open.utf8), isOpenMetrics: true).value("a_total", ["x": "\\\n\""]) == 1)
    }

    @Test(arguments: [
        counter + "a_total{x=\"1\"} 2\n",
        counter + "b 1\n",
        counter + counter,
        counter + "a_total{x=\"2\"} -1\n",
        counter + "a_total{x=\"2\"} one\n",
        counter + "a_total{x=\"2\",} 1\n",
        counter + "a_total{x=\"2\" y=\"1\"} 1\n",
        counter + "a_total{x=\"2\",x=\"3\"} 1\n",
        counter + "a_total{x=\"\\t\"} 1\n",
        counter + "a_total{x=\"\"\"} 1\n",
        counter + "\n",
        counter + "# a comment\n",
        counter + "a_total 1",
        counter + "# EOF\n",
        "a_total 1\n",
        "# TYPE a_total counter\na_total 1\n",
        "# HELP a h\n# TYPE a counter\na 1\n",
        "# HELP a_total h\n# TYPE a_total counter\na_total 1\n# HELP b h\n# TYPE b gauge\nb 1\na_total{x=\"2\"} 1\n",
    ])
    func `it refuses what is wrong in Prometheus text`(_ text: String) {
        #expect(throws: Exposition.Refusal.self) { try Exposition(Array(text.utf8), isOpenMetrics: false) }
    }

    @Test(arguments: [
        "# HELP a h\n# TYPE a counter\na_total 1\n",
        "# HELP a h\n# TYPE a counter\na 1\n# EOF\n",
        "# HELP a_total h\n# TYPE a_total counter\na_total 1\n# EOF\n",
        "# HELP a h\n# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n",
        "# HELP a h\n# TYPE a info\na_info 2\n# EOF\n",
        "# HELP a h\n# TYPE a gauge\na 1\n# EOF\n\n",
        "# HELP a h\n# TYPE a gauge\na 1\n# EOF",
    ])
    func `it refuses what is wrong in OpenMetrics`(_ text: String) {
        #expect(throws: Exposition.Refusal.self) { try Exposition(Array(text.utf8), isOpenMetrics: true) }
    }

    @Test(arguments: [
        (["1.0 1", "+Inf 2"], 2, true), (["1.0 3", "+Inf 2"], 2, false), (["1.0 1", "+Inf 2"], 3, false),
        (["2.0 1", "1.0 1", "+Inf 2"], 2, false), (["1 1", "+Inf 2"], 2, false), (["1.0 1"], 1, false),
    ])
    func `it looks into histograms`(_ buckets: [String], _ count: Int, _ isRight: Bool) {
        var text = "# HELP a h\n# TYPE a histogram\n"
        for bucket in buckets {
            let parts = bucket.split(separator: " ")
            text += "a_bucket{le=\"\(parts[0])\"} \(parts[1])\n"
        }
        text += "a_sum 1\na_count \(count)\n"
        #expect(((try? Exposition(Array(text.utf8), isOpenMetrics: false)) != nil) == isRight)
    }
}
