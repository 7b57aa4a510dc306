internal import Configuration
internal import Events

/// Who may ask for what through the admin listener.
///
/// Every request names a host that is this listener's own: a page that a browser has open could otherwise reach it
/// under a name of the page's, and read the answers (DNS rebinding). Reading and changing may need a token; what no
/// token protects is changed from this machine alone, and by no page that a browser on it has open (cross-site request
/// forgery).
struct AdminAccess {
    /// What a request is for.
    enum Purpose {
        /// Whether the process is alive or ready, or the page, which holds no figures itself.
        case presence
        /// Figures and explanations.
        case reading
        /// What a backend is to do.
        case changing
    }

    /// Why a request is not answered.
    struct Refusal: Equatable {
        /// 400, 401 or 403.
        let status: Int
        /// The remedy, in one sentence.
        let reason: String
    }

    /// The token that is asked for, if any.
    let token: String?
    /// Names of the listener besides IP addresses and `localhost`, in lower case.
    let hosts: [String]
    /// Whether reading needs no token though there is one.
    let isReadingOpen: Bool

    /// The access that a configuration grants.
    init(_ configuration: AdminConfiguration) {
        token = configuration.token
        hosts = configuration.hosts
        let host = configuration.listener?.host
        let isLocal = host.flatMap { SocketAddress(literal: $0, port: 0) }?.isLoopback == true
        isReadingOpen = configuration.isOpen || isLocal
    }

    /// Why a request is refused, or `nil` when it is not.
    func refusal(of request: LocalHTTPServer.Request, for purpose: Purpose) -> Refusal? {
        if let refusal = hostRefusal(of: request) { return refusal }
        return switch purpose {
        case .presence: nil
        case .reading: isReadingOpen ? nil : tokenRefusal(of: request)
        case .changing: token == nil ? foreignRefusal(of: request) : tokenRefusal(of: request)
        }
    }

    // MARK: Host

    private func hostRefusal(of request: LocalHTTPServer.Request) -> Refusal? {
        let values = request.values("Host")
        // An old probe may name no host; every browser does.
        if values.isEmpty, !request.isHTTP11 { return nil }
        guard values.count == 1, let name = Self.name(in: values[0]) else {
            return Refusal(status: 400, reason: "send one Host field, with the name or address you ask under")
        }
        guard !isOwn(name) else { return nil }
        return Refusal(
            status: 403,
            reason: "\(name) is no name of this listener; ask under an IP address or localhost, "
                + "or start with --admin-host \(name)"
        )
    }

    private func isOwn(_ name: String) -> Bool {
        let name = name.hasSuffix(".") ? String(name.dropLast()) : name
        return name == "localhost" || hosts.contains(name) || hosts.contains(name + ".")
            || SocketAddress(literal: name, port: 0) != nil
    }

    /// The host in `host[:port]` (RFC 9110 §7.2), in lower case and without brackets; `nil` where that is malformed.
    private static func name(in authority: String) -> String? {
        let host: Substring
        let rest: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[..<end].dropFirst()
            rest = authority[end...].dropFirst()
            guard SocketAddress(literal: String(host), port: 0) != nil, host.contains(":") else { return nil }
        } else {
            host = authority.prefix { $0 != ":" }
            rest = authority[host.endIndex...]
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ isHostByte($0) || authority.hasPrefix("[") }) else {
            return nil
        }
        let isPort = rest.isEmpty || rest.hasPrefix(":") && rest.utf8.dropFirst().allSatisfy(isDigit)
        guard isPort else { return nil }
        return host.lowercased()
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    // MARK: Token and origin

    private func tokenRefusal(of request: LocalHTTPServer.Request) -> Refusal? {
        guard let token else { return nil }
        let sent = request.values("Authorization")
        // The scheme is written in any case (RFC 9110 §11.1).
        guard sent.count == 1, sent[0].prefix(7).lowercased() == "bearer ",
            Self.isEqual(String(sent[0].dropFirst(7)), token)
        else {
            return Refusal(
                status: 401,
                reason: "send the token of --admin-token as Authorization: Bearer TOKEN"
            )
        }
        return nil
    }

    private func foreignRefusal(of request: LocalHTTPServer.Request) -> Refusal? {
        guard request.peer?.isLoopback == true else {
            return Refusal(
                status: 403,
                reason: "changes are taken from this machine alone; "
                    + "set --admin-token to make them from elsewhere"
            )
        }
        let isFromPage = request.field("Origin") != nil || request.field("Sec-Fetch-Site") != nil
        guard !isFromPage else {
            return Refusal(
                status: 403,
                reason: "changes are not taken from web pages; set --admin-token to make them"
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
}
