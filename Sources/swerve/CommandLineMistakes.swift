import ArgumentParser
import Configuration

/// The words of a command line that stand for nothing, with what was probably meant.
///
/// The parser ends at the first of them. Here all are found, and the rest is put right as far as that can be guessed, so
/// that one run tells everything that is wrong.
struct CommandLineMistakes {
    /// One sentence for each of them, in their order.
    private(set) var sentences: [String] = []
    /// The command line without them: what is probably misspelt is put right, the rest is left out.
    private(set) var corrected: [String] = []

    private var hasSubcommand = false

    /// What stands alone; every other flag takes a value.
    private static let switches = ["--check", "--help", "--version"]
    private static let flags =
        Setting.allCases.map(\.flag) + [ConfigurationFile.flag, "--client", "--alive"] + switches
    private static let subcommands =
        Swerve.configuration.subcommands.map { $0._commandName } + ["help"]

    /// Looks through a command line, the program's name left out.
    init(_ arguments: [String]) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word == "--" {
                corrected += [word] + rest
                return
            }
            if word.hasPrefix("-"), word != "-", word != "-h" {
                readFlag(word, &rest)
            } else {
                readWord(word)
            }
        }
    }

    private mutating func readFlag(_ word: String, _ rest: inout ArraySlice<String>) {
        let name = String(word.prefix { $0 != "=" })
        let hasOwnValue = name.count < word.count
        if Self.flags.contains(name) {
            corrected.append(word)
            if !hasOwnValue, !Self.switches.contains(name), let value = rest.popFirst() {
                corrected.append(value)
            }
            return
        }
        let written = "--" + name.drop { $0 == "-" }
        let meant = Spelling.nearest(to: written, among: Self.flags, prefix: "--")
        sentences.append(Self.sentence("unknown option \(Self.quoted(name))", meant))
        guard let meant else {
            // What follows was its value, if it had one.
            if !hasOwnValue, let next = rest.first, !next.hasPrefix("-"), !Self.subcommands.contains(next) {
                rest.removeFirst()
            }
            return
        }
        corrected.append(meant + word.dropFirst(name.count))
        if !hasOwnValue, !Self.switches.contains(meant), let value = rest.popFirst() {
            corrected.append(value)
        }
    }

    private mutating func readWord(_ word: String) {
        if word == "-h" || !hasSubcommand && Self.subcommands.contains(word) {
            hasSubcommand = hasSubcommand || word != "-h"
            corrected.append(word)
            return
        }
        let meant = hasSubcommand ? nil : Spelling.nearest(to: word, among: Self.subcommands)
        sentences.append(Self.sentence("unexpected argument \(Self.quoted(word))", meant))
        guard let meant else { return }
        hasSubcommand = true
        corrected.append(meant)
    }

    private static func sentence(_ mistake: String, _ meant: String?) -> String {
        meant.map { "\(mistake); did you mean \($0)?" } ?? "\(mistake); swerve --help lists what there is"
    }

    private static func quoted(_ word: String) -> String { ValueProblem.quoted(word) }
}

extension Swerve {
    /// Parses a command line and runs what it asks for, or tells everything that is wrong with it.
    ///
    /// - Parameter arguments: its words, the program's name left out.
    static func main(_ arguments: [String]) {
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
        } catch {
            let mistakes = CommandLineMistakes(arguments)
            guard exitCode(for: error) == .validationFailure, !mistakes.sentences.isEmpty else {
                exit(withError: error)
            }
            for sentence in mistakes.sentences { StandardError.print(sentence) }
            tellRest(of: mistakes.corrected)
            exit(withError: ExitCode.validationFailure)
        }
    }

    /// Tells what is wrong besides words that stand for nothing.
    private static func tellRest(of arguments: [String]) {
        do {
            let command = try parseAsRoot(arguments)
            let launch: Launch? =
                switch command {
                case let command as Swerve: Launch(command.options, command.backends)
                case let command as Demo: Launch(command.options, presetBackends: Demo.backends)
                default: nil
                }
            if let launch { _ = try Launch.valid(launch.builder.resolve().outcome) }
        } catch  where exitCode(for: error) == .validationFailure && !(error is ExitCode) {
            StandardError.print(message(for: error))
        } catch {
            // The errors of the settings have been told.
        }
    }
}
