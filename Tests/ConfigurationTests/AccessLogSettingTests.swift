import Configuration
import Testing

@Suite struct AccessLogSettingTests {
    @Test(arguments: [
        ("-", AccessLogDestination.standardOutput), ("off", .off), ("access.log", .file("access.log")),
        ("/var/log/swerve/access.log", .file("/var/log/swerve/access.log")), ("./off", .file("./off")),
    ])
    func `reads and prints destinations`(_ text: String, _ expected: AccessLogDestination) throws {
        let destination = try AccessLogDestination(configurationText: text)
        #expect(destination == expected)
        #expect(destination.description == text)
    }

    @Test(arguments: [
        ("", "the path is empty; write - for standard output, off, or a path"),
        ("/var/log/", "this is a directory; write the path of a file"),
        ("a\nb", "a path without control characters is needed"),
    ])
    func `refuses other destinations and says why`(_ text: String, _ sentence: String) {
        #expect(throws: ValueProblem.malformed(sentence)) {
            try AccessLogDestination(configurationText: text)
        }
    }

    @Test func `knows the formats by name`() throws {
        #expect(try LogFormat(configurationText: "json") == .json)
        let sentence = "there is no such format; the formats are: inspect, combined, json"
        #expect(throws: ValueProblem.malformed(sentence)) {
            try LogFormat(configurationText: "xml")
        }
    }
}
