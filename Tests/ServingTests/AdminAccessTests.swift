import Configuration
import Events
import Testing

@testable import Serving

/// Who may ask for what through the admin listener.
@Suite struct AdminAccessTests {
    private func access(
        on listener: String = "127.0.0.1:8001",
        token: String? = nil,
        hosts: [String] = [],
        isOpen: Bool = false
    ) throws -> AdminAccess {
        var configuration = AdminConfiguration()
        configuration.listener = try ListenAddress(configurationText: listener)
        configuration.token = token
        configuration.hosts = hosts
        configuration.isOpen = isOpen
        return AdminAccess(configuration)
    }

    private func request(
        _ fields: [(name: String, value: String)],
        from peer: String = "127.0.0.1",
        isHTTP11: Bool = true
    ) -> LocalHTTPServer.Request {
        LocalHTTPServer.Request(
            method: "GET",
            target: "/",
            fields: fields,
            peer: SocketAddress(literal: peer, port: 4000),
            isHTTP11: isHTTP11
        )
    }

    private let local = [(name: "Host", value: "127.0.0.1:8001")]

    @Test(arguments: [
        "127.0.0.1", "10.1.2.3:8001", "[::1]", "[fe80::1]:80", "localhost", "LocalHost:8001", "localhost.",
        "swerve.internal", "Swerve.Internal.:8001",
    ])
    func `a host that is the listener's own is let in`(_ host: String) throws {
        let access = try access(hosts: ["swerve.internal"])
        for purpose in [AdminAccess.Purpose.presence, .reading, .changing] {
            #expect(access.refusal(of: request([("host", host)]), for: purpose) == nil)
        }
    }

    @Test(arguments: [
        "evil.example", "evil.example:8001", "localhost.evil.example", "127.0.0.1.evil.example",
    ])
    func `another name is refused with the remedy`(_ host: String) throws {
        let access = try access(hosts: ["swerve.internal"])
        for purpose in [AdminAccess.Purpose.presence, .reading, .changing] {
            let refusal = try #require(access.refusal(of: request([("Host", host)]), for: purpose))
            #expect(refusal.status == 403)
            let name = host.prefix { $0 != ":" }
            #expect(refusal.reason.hasSuffix("start with --admin-host \(name)"))
        }
    }

    @Test(arguments: [
        [], [""], ["127.0.0.1", "127.0.0.1"], ["a b"], ["[::1"], ["::1"], ["[127.0.0.1]"], ["a:b"],
        ["user@127.0.0.1"], ["127.0.0.1/"], ["a,b"],
    ])
    func `a host that is missing, double or malformed is a bad request`(_ hosts: [String]) throws {
        let fields = hosts.map { (name: "Host", value: $0) }
        #expect(try access().refusal(of: request(fields), for: .presence)?.status == 400)
    }

    @Test func `a probe of HTTP 1.0 need not name a host`() throws {
        #expect(try access().refusal(of: request([], isHTTP11: false), for: .presence) == nil)
        let named = request([("Host", "evil.example")], isHTTP11: false)
        #expect(try access().refusal(of: named, for: .presence)?.status == 403)
    }

    @Test(arguments: [
        ("127.0.0.1:1", false, true), ("127.9.9.9:1", false, true), ("[::1]:1", false, true),
        ("0.0.0.0:1", false, false), (":1", false, false), ("10.0.0.1:1", false, false), (":1", true, true),
    ])
    func `with a token reading needs it where the listener is not on the loopback`(
        _ listener: String,
        _ isOpen: Bool,
        _ isFree: Bool
    ) throws {
        let access = try access(on: listener, token: "open-sesame", isOpen: isOpen)
        #expect(access.refusal(of: request(local), for: .presence) == nil)
        #expect((access.refusal(of: request(local), for: .reading) == nil) == isFree)
        #expect(access.refusal(of: request(local), for: .changing)?.status == 401)
        let bearer = local + [(name: "Authorization", value: "Bearer open-sesame")]
        for purpose in [AdminAccess.Purpose.presence, .reading, .changing] {
            #expect(access.refusal(of: request(bearer, from: "10.1.1.1"), for: purpose) == nil)
        }
    }

    @Test(arguments: [
        "Bearer open-sesamf", "Basic open-sesame", "Bearer  open-sesame", "Bearer open-sesame ",
        "open-sesame", "",
    ])
    func `nothing but the token is the token`(_ value: String) throws {
        let access = try access(on: ":1", token: "open-sesame")
        let fields = local + [(name: "Authorization", value: value)]
        #expect(access.refusal(of: request(fields), for: .reading)?.status == 401)
        let both = local + [(name: "Authorization", value: "Bearer open-sesame"), ("Authorization", value)]
        #expect(access.refusal(of: request(both), for: .reading)?.status == 401)
    }

    @Test func `without a token anybody reads and this machine alone changes`() throws {
        let access = try access(on: ":1")
        #expect(access.refusal(of: request(local, from: "10.1.1.1"), for: .reading) == nil)
        #expect(access.refusal(of: request(local, from: "10.1.1.1"), for: .changing)?.status == 403)
        #expect(access.refusal(of: request(local, from: "::1"), for: .changing) == nil)
        for name in ["Origin", "Sec-Fetch-Site"] {
            let page = local + [(name: name, value: "x")]
            #expect(access.refusal(of: request(page), for: .changing)?.status == 403)
        }
    }
}
