internal import Events

/// Who may change something through the admin listener.
///
/// With a token, whoever sends it. Without one, this machine alone, and no page that a browser on it has open: such a
/// page could post here from anywhere (cross-site request forgery), or reach this address by a name of its own (DNS
/// rebinding).
struct AdminAccess {
    /// The token that is asked for, if any.
    let token: String?

    /// Why a request is refused, or `nil` when it is not.
    func refusal(of request: LocalHTTPServer.Request) -> (status: Int, reason: String)? {
        if let token {
            let sent = request.field("Authorization") ?? ""
            guard Self.isEqual(sent, "Bearer \(token)") else {
                return (401, "send the token of --admin-token as Authorization: Bearer TOKEN")
            }
            return nil
        }
        guard request.peer?.isLoopback == true else {
            return (
                403,
                "changes are taken from this machine alone; set --admin-token to make them from elsewhere"
            )
        }
        let isForeign = request.field("Origin") != nil || request.field("Sec-Fetch-Site") != nil
        guard !isForeign else {
            return (403, "changes are not taken from web pages; set --admin-token to make them")
        }
        guard Self.isLocalName(request.field("Host") ?? "") else {
            return (
                403,
                "changes are taken under an IP address or localhost alone; set --admin-token to make them"
            )
        }
        return nil
    }

    /// Compares in a time that tells nothing about where two texts differ.
    private static func isEqual(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func isLocalName(_ host: String) -> Bool {
        let name = host.hasPrefix("[") ? host.dropFirst().prefix { $0 != "]" } : host.prefix { $0 != ":" }
        return name == "localhost" || SocketAddress(literal: String(name), port: 0) != nil
    }
}
