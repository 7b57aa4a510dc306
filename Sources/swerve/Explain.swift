import ArgumentParser
import Balancing
import Configuration
import Events
import Serving

/// Says which backend a client gets and why, from the settings or from the running instance.
struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say which backend a client gets, and why.",
        discussion: """
            It takes the flags, the variables and the file of the instance and computes the answer from the \
            backends there. With \(Setting.admin.flag) on the command line the instance that listens there is \
            asked instead, which knows who is alive.
            """
    )

    /// What stood on the command line besides; the parser hands it `--check` even behind `explain`.
    @ParentCommand var parent: Swerve

    @Option(help: "The address of the client: 10.1.2.3, 2001:db8::1 or fe80::1%eth0.")
    var client: String

    @Option(
        help: """
            The backends that are alive, as positions counted from 0 or as addresses, separated by commas; or \
            none. (default: all)
            """
    )
    var alive: String?

    @OptionGroup(title: SettingGroup.addresses.rawValue) var backends: BackendOptions
    @OptionGroup var options: SettingOptions

    func run() throws {
        ServerSignals.release()
        try parent.checking.refuse(in: Self.self)
        let client = try self.address()
        let isRemote = options.administration.admin.map { $0 != "off" } ?? false
        let lines = isRemote ? try ask() : try explain(client)
        for line in lines { print(line) }
    }

    private func address() throws -> ClientAddress {
        do throws(ValueProblem) {
            return try ClientAddress(configurationText: client, interfaceName: SocketAddress.interfaceName)
        } catch {
            StandardError.print("--client \(error.description(of: client))")
            throw ExitCode.validationFailure
        }
    }

    // MARK: From the settings

    private func explain(_ client: ClientAddress) throws -> [String] {
        let launch = Launch(options, backends)
        let names = try Launch.valid(launch.builder.resolve(only: .backend)).backends
        let isAlive = try self.isAlive(names)
        let candidates = zip(names, isAlive).map { Explanation.Candidate($0.description, isAlive: $1) }
        return Explanation(client, among: candidates).lines
    }

    /// What `--alive` says of each backend.
    private func isAlive(_ names: [BackendAddress]) throws -> [Bool] {
        guard let alive else { return names.map { _ in true } }
        var isAlive = names.map { _ in false }
        if alive == "none" { return isAlive }
        for text in alive.split(separator: ",", omittingEmptySubsequences: false) {
            guard let position = Self.position(of: String(text), in: names) else {
                StandardError.print(
                    """
                    --alive \(ValueProblem.quoted(text)): there is no such backend; write positions from 0 to \
                    \(names.count - 1), addresses, or none
                    """
                )
                throw ExitCode.validationFailure
            }
            isAlive[position] = true
        }
        return isAlive
    }

    private static func position(of text: String, in names: [BackendAddress]) -> Int? {
        if let position = Int(text) { return names.indices.contains(position) ? position : nil }
        return (try? BackendAddress(configurationText: text)).flatMap(names.firstIndex)
    }

    // MARK: From the running instance

    private func ask() throws -> [String] {
        guard alive == nil else {
            StandardError.print(
                "--alive is not taken with \(Setting.admin.flag): the instance knows who is alive"
            )
            throw ExitCode.validationFailure
        }
        let launch = Launch(options.withBareAdmin(), backends)
        guard let admin = try Launch.valid(launch.builder.resolve(only: .admin)).admin.listener else {
            return []
        }
        let token = try Launch.valid(launch.builder.resolve(only: .adminToken)).admin.token
        switch AdminInquiry(to: admin, token: token).get("/explain?client=\(Self.encoded(client))") {
        case .success(let answer) where answer.status == 200:
            return answer.lines
        case .success(let answer):
            StandardError.print(
                "the instance answered with status \(answer.status): \(ValueProblem.quoted(answer.text))"
            )
        case .failure(let failure):
            StandardError.print(failure.description)
        }
        throw ExitCode.failure
    }

    /// Percent-encoding of everything that is not unreserved (RFC 3986 §2.3).
    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = UnicodeScalar(byte).properties.isAlphabetic && byte < 0x80
            if isPlain || (0x30...0x39).contains(byte) || "-._~".utf8.contains(byte) {
                return String(UnicodeScalar(byte))
            }
            let digits = String(byte, radix: 16, uppercase: true)
            return byte < 16 ? "%0\(digits)" : "%\(digits)"
        }.joined()
    }
}
