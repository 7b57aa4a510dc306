import TestSupport

/// What the admin listener answered.
struct AdminAnswer: Equatable {
    let status: Int
    let text: String

    init(_ status: Int, _ text: String) {
        self.status = status
        self.text = text
    }
}

extension Balancer {
    /// The port of the admin listener, once it is announced.
    var adminPort: UInt16 {
        let line = waitForLog("admin listener on http://") ?? ""
        return line.firstMatch(of: /:(\d+)$/).flatMap { UInt16($0.1) } ?? 0
    }

    /// Asks the admin listener on a connection of its own.
    func admin(
        _ method: String,
        _ target: String,
        _ fields: [String] = [],
        host: String = "127.0.0.1"
    ) throws -> AdminAnswer {
        let request =
            (["\(method) \(target) HTTP/1.1", "Host: \(host)", "Connection: close"] + fields + ["", ""])
            .joined(separator: "\r\n")
        let response = try RawClient(to: adminPort).exchange(request)
        return AdminAnswer(response.status, response.text)
    }
}
