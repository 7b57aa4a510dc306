internal import HTTPMessages

/// The metrics that every backend has.
struct BackendMetrics {
    let backends: [BackendSnapshot]
    let labels: LabelTexts

    func write(to writer: inout MetricWriter) {
        let request = LabelTexts(bounds: .request)
        writeAnswers(to: &writer)
        histogram(MetricCatalog.duration, request, to: &writer) { $0.traffic.duration }
        histogram(MetricCatalog.header, request, to: &writer) { $0.traffic.header }
        series(MetricCatalog.inFlight, to: &writer) { UInt64(clamping: $0.traffic.inFlight) }
        series(MetricCatalog.tunnels, to: &writer) { UInt64(clamping: $0.traffic.tunnels) }
        writeRetries(to: &writer)
        series(MetricCatalog.spilled, to: &writer) { $0.traffic.spilled }
        histogram(MetricCatalog.connect, request, to: &writer) { $0.traffic.connect }
        writeConnections(to: &writer)
        series(MetricCatalog.opened, to: &writer) { $0.traffic.opened }
        series(MetricCatalog.reused, to: &writer) { $0.traffic.reused }
        series(MetricCatalog.backendUp, to: &writer) { $0.state.isAlive ? 1 : 0 }
        writeStates(to: &writer)
        writeTransitions(to: &writer)
        writeProbes(to: &writer)
        let probe = LabelTexts(bounds: .probe)
        histogram(MetricCatalog.probeDuration, probe, to: &writer) { $0.health.duration }
    }

    // MARK: Shapes

    private func series(
        _ metric: Metric,
        to writer: inout MetricWriter,
        _ value: (borrowing BackendSnapshot) -> UInt64
    ) {
        writer.begin(metric)
        for index in backends.indices {
            begin(index, writer)
            writer.output.append("}")
            writer.end(value(backends[index]))
        }
    }

    private func histogram(
        _ metric: Metric,
        _ bounds: LabelTexts,
        to writer: inout MetricWriter,
        _ totals: (borrowing BackendSnapshot) -> HistogramTotals
    ) {
        writer.begin(metric)
        for index in backends.indices {
            writer.histogram(totals(backends[index]), labels: labels, index, bounds: bounds)
        }
    }

    private func begin(_ index: Int, _ writer: MetricWriter) {
        writer.name()
        writer.output.append("{")
        labels.append(index, to: writer.output)
    }

    private func end(_ text: String, _ value: UInt64, _ writer: MetricWriter) {
        writer.output.append(labelText: text)
        writer.output.append("\"}")
        writer.end(value)
    }

    // MARK: Metrics

    /// The rows of GET are there from the start; those of another method begin when it was used, all five at once.
    ///
    /// Forty rows for each backend, most of them for methods it never sees, would be half of the answer.
    private func writeAnswers(to writer: inout MetricWriter) {
        writer.begin(MetricCatalog.answers)
        for index in backends.indices {
            let counts = backends[index].traffic.requests
            for method in MethodLabel.allCases {
                let first = method.rawValue * StatusClass.allCases.count
                let classes = first..<first + StatusClass.allCases.count
                if method != .get, classes.allSatisfy({ counts[$0] == 0 }) { continue }
                for status in StatusClass.allCases {
                    begin(index, writer)
                    writer.output.append(",code=\"")
                    writer.output.append(decimal: status.rawValue + 1)
                    writer.output.append("xx\",method=\"")
                    end(method.text, counts[first + status.rawValue], writer)
                }
            }
        }
    }

    private func writeRetries(to writer: inout MetricWriter) {
        writer.begin(MetricCatalog.retries)
        for index in backends.indices {
            for reason in RetryReason.allCases {
                begin(index, writer)
                writer.output.append(",reason=\"")
                end(reason.text, backends[index].traffic.retries[reason.rawValue], writer)
            }
        }
    }

    private func writeConnections(to writer: inout MetricWriter) {
        writer.begin(MetricCatalog.connections)
        for index in backends.indices {
            begin(index, writer)
            writer.output.append(",state=\"active\"}")
            writer.end(UInt64(clamping: backends[index].traffic.activeConnections))
            begin(index, writer)
            writer.output.append(",state=\"idle\"}")
            writer.end(UInt64(clamping: backends[index].traffic.idleConnections))
        }
    }

    private func writeStates(to writer: inout MetricWriter) {
        writer.begin(MetricCatalog.backendState)
        for index in backends.indices {
            for state in BackendSnapshot.State.allCases {
                begin(index, writer)
                writer.output.append(",state=\"")
                end(state.rawValue, backends[index].state == state ? 1 : 0, writer)
            }
        }
    }

    /// The changes that probes and traffic bring are there from the start, the rarer ones once they happened.
    private func writeTransitions(to writer: inout MetricWriter) {
        writer.begin(MetricCatalog.transitions)
        for index in backends.indices {
            let counts = backends[index].health.transitions
            let others = counts.keys.filter { !Self.usualTransitions.contains($0) }
                .sorted { ($0.to.rawValue, $0.reason.rawValue) < ($1.to.rawValue, $1.reason.rawValue) }
            for transition in Self.usualTransitions + others {
                begin(index, writer)
                writer.output.append(",to=\"")
                writer.output.append(text: transition.to.rawValue)
                writer.output.append("\",reason=\"")
                end(transition.reason.rawValue, counts[transition] ?? 0, writer)
            }
        }
    }

    private static let usualTransitions = [
        HealthTotals.Transition(to: .up, reason: .probe),
        HealthTotals.Transition(to: .down, reason: .probe),
        HealthTotals.Transition(to: .down, reason: .traffic),
    ]

    private func writeProbes(to writer: inout MetricWriter) {
        writer.begin(MetricCatalog.probes)
        for index in backends.indices {
            begin(index, writer)
            writer.output.append(",result=\"success\"}")
            writer.end(backends[index].health.good)
            begin(index, writer)
            writer.output.append(",result=\"failure\"}")
            writer.end(backends[index].health.bad)
        }
    }
}
