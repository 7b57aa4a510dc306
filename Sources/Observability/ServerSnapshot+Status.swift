public import HTTPMessages

extension ServerSnapshot {
    /// Appends what `/status.json` answers: one object, whose members are only ever added to.
    ///
    /// Times end in `_seconds` or `_ms`, moments are Unix time in seconds, counters rise from 0 at the start.
    public func writeStatus(to output: ByteWriter) {
        var writer = JSONWriter(to: output)
        writer.object { writer in
            writer.value("version", version)
            writer.value("now", now)
            writer.value("started", started)
            writer.value("phase", phase.rawValue)
            writer.value("ready", notReady == nil)
            writer.value("not_ready", notReady)
            writer.value("workers", workers)
            writer.array("listeners") { writer in
                for listener in listeners { writer.value(nil, listener) }
            }
            writeClients(to: &writer)
            writeTotals(to: &writer)
            writer.array("bounds_ms") { writer in
                for bound in HistogramBounds.request.nanoseconds {
                    writer.value(nil, Double(bound) / 1_000_000)
                }
            }
            writeBackends(to: &writer)
            writeReloads(to: &writer)
            writeProcess(to: &writer)
        }
        output.append("\n")
    }

    private func writeClients(to writer: inout JSONWriter) {
        writer.object("clients") { writer in
            writer.value("open", clients.open)
            writer.value("limit", maxClients)
            writer.value("accepted", clients.accepted)
            writer.value("received_bytes", clients.received)
            writer.value("sent_bytes", clients.sent)
            writer.object("ends") { writer in
                for end in EndReason.allCases {
                    writer.value(named: "\(end.text)", clients.ends[end.rawValue])
                }
            }
            writer.object("rejected") { writer in
                for reason in RejectReason.allCases {
                    writer.value(named: reason.text, clients.rejected[reason.rawValue])
                }
            }
            writer.object("no_backend") { writer in
                for reason in NoBackendReason.allCases {
                    writer.value(named: reason.text, clients.noBackend[reason.rawValue])
                }
            }
        }
    }

    private func writeTotals(to writer: inout JSONWriter) {
        var totals = BackendTotals()
        for backend in backends { totals.add(backend.traffic) }
        writer.object("totals") { totals.writeMembers(to: &$0) }
    }

    private func writeBackends(to writer: inout JSONWriter) {
        let all = backends.reduce(0) { $0 + $1.traffic.requestCount }
        writer.array("backends") { writer in
            for backend in backends {
                writer.object { backend.writeMembers(ofAll: all, to: &$0) }
            }
        }
    }

    private func writeReloads(to writer: inout JSONWriter) {
        writer.object("reloads") { writer in
            writer.value("succeeded", reloads.succeeded)
            writer.value("failed", reloads.failed)
            writer.value("last_success", reloads.lastSuccess)
            writer.value("last_error", reloads.lastError)
        }
    }

    private func writeProcess(to writer: inout JSONWriter) {
        writer.object("process") { writer in
            writer.value("cpu_seconds", process.cpuSeconds)
            writer.value("resident_bytes", process.residentBytes)
            writer.value("virtual_bytes", process.virtualBytes)
            writer.value("open_descriptors", process.openDescriptors)
            writer.value("max_descriptors", process.maxDescriptors)
            writer.value("dropped_log_lines", droppedLogLines)
            writer.object("faults") { writer in
                for fault in faults { writer.value(named: fault.kind, fault.count) }
            }
        }
    }
}

extension BackendSnapshot {
    fileprivate func writeMembers(ofAll all: UInt64, to writer: inout JSONWriter) {
        writer.value("name", name)
        writer.value("position", position)
        writer.value("state", state.rawValue)
        writer.value("alive", state.isAlive)
        writer.value("reason", reason)
        writer.value("age_seconds", age)
        writer.value("next_probe_seconds", nextProbe)
        writer.value("resolved", resolved)
        writer.value("share", all == 0 ? 0 : Double(traffic.requestCount) / Double(all))
        traffic.writeMembers(to: &writer)
        writer.object("probes") { writer in
            writer.value("good", health.good)
            writer.value("bad", health.bad)
            health.duration.writeQuantiles(to: &writer)
        }
        writer.array("transitions") { writer in
            let sorted = health.transitions.sorted {
                ($0.key.to.rawValue, $0.key.reason.rawValue) < ($1.key.to.rawValue, $1.key.reason.rawValue)
            }
            for (transition, count) in sorted {
                writer.object { writer in
                    writer.value("to", transition.to.rawValue)
                    writer.value("reason", transition.reason.rawValue)
                    writer.value("count", count)
                }
            }
        }
    }
}

extension BackendTotals {
    /// The number of answers.
    fileprivate var requestCount: UInt64 { requests.reduce(0, +) }

    fileprivate func writeMembers(to writer: inout JSONWriter) {
        writer.value("requests", requestCount)
        writer.object("by_class") { writer in
            for status in StatusClass.allCases {
                let count = MethodLabel.allCases.reduce(0) { sum, method in
                    sum + requests[method.rawValue * StatusClass.allCases.count + status.rawValue]
                }
                writer.value(named: status.text, count)
            }
        }
        writer.value("in_flight", inFlight)
        writer.value("tunnels", tunnels)
        writer.object("connections") { writer in
            writer.value("active", activeConnections)
            writer.value("idle", idleConnections)
            writer.value("opened", opened)
            writer.value("reused", reused)
        }
        writer.value("received_bytes", received)
        writer.value("sent_bytes", sent)
        writer.value("spilled", spilled)
        writer.object("retries") { writer in
            for reason in RetryReason.allCases {
                writer.value(named: reason.text, retries[reason.rawValue])
            }
        }
        writer.object("duration") { writer in
            duration.writeQuantiles(to: &writer)
            writer.array("buckets") { writer in
                for count in duration.counts { writer.value(nil, count) }
            }
        }
        writer.object("connect") { connect.writeQuantiles(to: &$0) }
        writer.object("header") { header.writeQuantiles(to: &$0) }
    }
}

extension HistogramTotals {
    fileprivate func writeQuantiles(to writer: inout JSONWriter) {
        writer.value("count", count)
        writer.value("sum_seconds", Double(nanoseconds) / 1e9)
        writer.value("p50_ms", quantile(0.5).map { $0 / 1e6 })
        writer.value("p99_ms", quantile(0.99).map { $0 / 1e6 })
    }
}
