extension BackendSnapshot {
    /// The same backends with those of one name counted as one, which is in the state of the first.
    ///
    /// A reload that takes a backend out and another that brings it back leave two while the first still has work.
    static func mergedByName(_ backends: [BackendSnapshot]) -> [BackendSnapshot] {
        var places: [String: Int] = [:]
        places.reserveCapacity(backends.count)
        for index in backends.indices where places[backends[index].name] == nil {
            places[backends[index].name] = index
        }
        guard places.count < backends.count else { return backends }
        var merged: [BackendSnapshot] = []
        places = [:]
        for backend in backends {
            if let place = places[backend.name] {
                merged[place].traffic.add(backend.traffic)
                merged[place].health.add(backend.health)
            } else {
                places[backend.name] = merged.count
                merged.append(backend)
            }
        }
        return merged
    }
}

extension BackendTotals {
    /// Adds what was counted elsewhere.
    mutating func add(_ other: BackendTotals) {
        for index in requests.indices { requests[index] += other.requests[index] }
        for index in retries.indices { retries[index] += other.retries[index] }
        duration.add(other.duration)
        connect.add(other.connect)
        header.add(other.header)
        inFlight += other.inFlight
        tunnels += other.tunnels
        idleConnections += other.idleConnections
        activeConnections += other.activeConnections
        opened += other.opened
        reused += other.reused
        received += other.received
        sent += other.sent
        spilled += other.spilled
    }
}

extension HealthTotals {
    /// Adds what was counted elsewhere.
    mutating func add(_ other: HealthTotals) {
        good += other.good
        bad += other.bad
        duration.add(other.duration)
        transitions.merge(other.transitions, uniquingKeysWith: +)
    }
}

extension HistogramTotals {
    /// Adds the values of a histogram with the same bounds.
    mutating func add(_ other: HistogramTotals) {
        for index in counts.indices { counts[index] += other.counts[index] }
        nanoseconds += other.nanoseconds
    }
}
