extension HistogramTotals {
    /// Estimates a quantile.
    ///
    /// Values are taken as evenly spread within their bucket, the first of which begins at 0; of the last one only
    /// its lower bound is known. (`histogram_quantile` of Prometheus)
    ///
    /// - Parameter share: 0 to 1.
    /// - Returns: nanoseconds; `nil` without values.
    public func quantile(_ share: Double) -> Double? {
        let count = count
        guard count > 0 else { return nil }
        let rank = share * Double(count)
        var below = 0.0
        for (index, bound) in bounds.nanoseconds.enumerated() where counts[index] > 0 {
            let within = Double(counts[index])
            if below + within >= rank {
                let lower = index == 0 ? 0 : Double(bounds.nanoseconds[index - 1])
                return lower + (Double(bound) - lower) * (rank - below) / within
            }
            below += within
        }
        return bounds.nanoseconds.last.map { Double($0) }
    }
}
