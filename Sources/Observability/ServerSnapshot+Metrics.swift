public import HTTPMessages

extension ServerSnapshot {
    /// Appends every metric of the catalog, with all its series from the start.
    ///
    /// Two backends of one name, of which a reload has taken out one, are one: a series may be there only once.
    ///
    /// - Parameters:
    ///   - format: what the client prefers.
    ///   - output: where the text goes; kept from one answer to the next, it does not have to grow again.
    public func writeMetrics(as format: MetricFormat, to output: ByteWriter) {
        var writer = MetricWriter(format, to: output)
        writeServer(to: &writer)
        writeProcess(to: &writer)
        let backends = BackendSnapshot.mergedByName(backends)
        let labels = LabelTexts(backends: backends.map(\.name))
        writeClients(to: &writer)
        writeBytes(of: backends, labels, to: &writer)
        BackendMetrics(backends: backends, labels: labels).write(to: &writer)
        writer.end()
    }

    private func writeServer(to writer: inout MetricWriter) {
        writer.begin(MetricCatalog.build)
        writer.sample("version", version, 1)
        writer.begin(MetricCatalog.ready)
        writer.sample(UInt64(notReady == nil ? 1 : 0))
        writer.begin(MetricCatalog.workers)
        writer.sample(UInt64(clamping: workers))
        writer.begin(MetricCatalog.reloads)
        writer.sample("result", "success", reloads.succeeded)
        writer.sample("result", "failure", reloads.failed)
        writer.begin(MetricCatalog.lastReload)
        writer.sample(reloads.lastSuccess)
        writer.begin(MetricCatalog.droppedLogLines)
        writer.sample(droppedLogLines)
        writer.begin(MetricCatalog.faults)
        for fault in faults { writer.sample("kind", fault.kind, fault.count) }
    }

    private func writeProcess(to writer: inout MetricWriter) {
        writer.begin(MetricCatalog.processCPU)
        writer.sample(process.cpuSeconds)
        writer.begin(MetricCatalog.processStart)
        writer.sample(started)
        writer.begin(MetricCatalog.processResident)
        writer.sample(process.residentBytes)
        writer.begin(MetricCatalog.processVirtual)
        writer.sample(process.virtualBytes)
        writer.begin(MetricCatalog.processDescriptors)
        writer.sample(process.openDescriptors)
        writer.begin(MetricCatalog.processDescriptorLimit)
        writer.sample(process.maxDescriptors)
    }

    private func writeClients(to writer: inout MetricWriter) {
        writer.begin(MetricCatalog.clientConnections)
        writer.sample(UInt64(clamping: clients.open))
        writer.begin(MetricCatalog.clientConnectionLimit)
        writer.sample(UInt64(clamping: maxClients))
        writer.begin(MetricCatalog.clientConnectionsAccepted)
        writer.sample(clients.accepted)
        writer.begin(MetricCatalog.ends)
        for reason in EndReason.allCases {
            writer.sample("end", "\(reason.text)", clients.ends[reason.rawValue])
        }
        writer.begin(MetricCatalog.rejected)
        for reason in RejectReason.allCases {
            writer.sample("reason", reason.text, clients.rejected[reason.rawValue])
        }
        writer.begin(MetricCatalog.noBackend)
        for reason in NoBackendReason.allCases {
            writer.sample("reason", reason.text, clients.noBackend[reason.rawValue])
        }
    }

    private func writeBytes(
        of backends: [BackendSnapshot],
        _ labels: LabelTexts,
        to writer: inout MetricWriter
    ) {
        writer.begin(MetricCatalog.received)
        writer.sample("side", "client", clients.received)
        for index in backends.indices {
            writeBytes(labels, index, backends[index].traffic.received, to: writer)
        }
        writer.begin(MetricCatalog.sent)
        writer.sample("side", "client", clients.sent)
        for index in backends.indices {
            writeBytes(labels, index, backends[index].traffic.sent, to: writer)
        }
    }

    private func writeBytes(_ labels: LabelTexts, _ index: Int, _ count: UInt64, to writer: MetricWriter) {
        writer.name()
        writer.output.append("{side=\"backend\",")
        labels.append(index, to: writer.output)
        writer.output.append("}")
        writer.end(count)
    }
}
