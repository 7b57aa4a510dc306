import Testing

@testable import swerve

/// Words of a command line that stand for nothing.
@Suite struct CommandLineMistakesTests {
    @Test(arguments: [
        (["--lisen", ":1"], ["--listen", ":1"], "unknown option \"--lisen\"; did you mean --listen?"),
        (["--lisen=:1"], ["--listen=:1"], "unknown option \"--lisen\"; did you mean --listen?"),
        (["-backend", "a:1"], ["--backend", "a:1"], "unknown option \"-backend\"; did you mean --backend?"),
        (["--chek"], ["--check"], "unknown option \"--chek\"; did you mean --check?"),
        (
            ["--frobnicate", "7", "--check"], ["--check"],
            "unknown option \"--frobnicate\"; swerve --help lists what there is"
        ),
        (["explan"], ["explain"], "unexpected argument \"explan\"; did you mean explain?"),
        (
            ["demo", "healtcheck"], ["demo"],
            "unexpected argument \"healtcheck\"; swerve --help lists what there is"
        ),
        (["extra"], [], "unexpected argument \"extra\"; swerve --help lists what there is"),
    ])
    func `each has a suggestion where one is near`(
        _ arguments: [String],
        _ corrected: [String],
        _ sentence: String
    ) {
        let mistakes = CommandLineMistakes(arguments)
        #expect(mistakes.sentences == [sentence])
        #expect(mistakes.corrected == corrected)
    }

    @Test(arguments: [
        ["--listen", "-1", "--check", "demo"], ["explain", "--client", "::1"], ["-h"], ["--access-log", "-"],
        ["--listen"], ["help", "demo"],
    ])
    func `what is right is left as it is`(_ arguments: [String]) {
        // Sub-commands of "help" are its own.
        let mistakes = CommandLineMistakes(arguments.filter { $0 != "demo" || arguments[0] != "help" })
        #expect(mistakes.sentences.isEmpty)
    }
}
