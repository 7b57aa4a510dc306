/// The wish to switch protocols (RFC 9110 §7.8).
extension RequestHead {
    /// Whether the request may become a tunnel: it asks for one by the rules, and only for protocols that may run in one.
    public func offersUpgrade(_ bytes: Span<UInt8>) -> Bool {
        guard connection.upgrade, minorVersion >= 1, let upgrade else { return false }
        var list = ListElements(upgrade)
        var isOffered = false
        while let element = list.next(bytes) {
            guard Self.mayRunInTunnel(bytes, element) else { return false }
            isOffered = true
        }
        return isOffered
    }

    /// Whether `element` is `name ["/" version]` and not a protocol in which requests would go on, unread by anybody
    /// here: a later HTTP, or TLS around whatever it is (RFC 2817).
    private static func mayRunInTunnel(_ bytes: Span<UInt8>, _ element: Range<Int>) -> Bool {
        var end = element.lowerBound
        while end < element.upperBound, bytes[end] != UInt8(ascii: "/") {
            guard Octet.isToken(bytes[end]) else { return false }
            end += 1
        }
        let name = element.lowerBound..<end
        guard !name.isEmpty else { return false }
        if end < element.upperBound {
            let version = end + 1..<element.upperBound
            guard !version.isEmpty else { return false }
            for index in version where !Octet.isToken(bytes[index]) { return false }
        }
        if bytes.equals("http", ignoringCaseAt: name) || bytes.equals("tls", ignoringCaseAt: name) {
            return false
        }
        return name.count < 2 || !bytes.equals("h2", ignoringCaseAt: name.lowerBound..<name.lowerBound + 2)
    }
}
