import Configuration
import Testing

@Suite struct DurationTextTests {
    @Test(arguments: [
        ("0", Duration.zero), ("0s", .zero), ("500ms", .milliseconds(500)), ("2s", .seconds(2)),
        ("1m", .seconds(60)), ("1h", .seconds(3_600)), ("1m30s", .seconds(90)), ("90s", .seconds(90)),
        ("1h2m3s4ms", .milliseconds(3_723_004)), ("168h", .seconds(604_800)), ("007s", .seconds(7)),
    ])
    func `reads numbers with units`(_ text: String, _ expected: Duration) throws {
        #expect(try Duration(configurationText: text) == expected)
    }

    @Test(arguments: [
        ("", "the duration is empty; write one such as 10s or 500ms"),
        ("10", "10 has no unit; the units are ms, s, m and h, for example 10s"),
        ("00", "00 has no unit; the units are ms, s, m and h, for example 10s"),
        ("1m30", "30 has no unit; the units are ms, s, m and h, for example 10s"),
        ("5d", "\"d\" is not a unit; the units are ms, s, m and h, for example 10s"),
        ("5S", "\"S\" is not a unit; the units are ms, s, m and h, for example 10s"),
        ("5 s", "\" s\" is not a unit; the units are ms, s, m and h, for example 10s"),
        ("5s ", "\"s \" is not a unit; the units are ms, s, m and h, for example 10s"),
        ("-5s", "a duration cannot be negative"),
        ("1.5s", "fractions are not read; write a smaller unit, for example 1500ms"),
        ("soon", "a duration begins with a number, for example 10s or 500ms"),
        ("s", "a duration begins with a number, for example 10s or 500ms"),
        ("+5s", "a duration begins with a number, for example 10s or 500ms"),
        ("5٣s", "\"٣s\" is not a unit; the units are ms, s, m and h, for example 10s"),
        ("30s1m", "units go from large to small, each once, for example 1m30s"),
        ("1s1s", "units go from large to small, each once, for example 1m30s"),
        ("99999999999999999999h", "the duration is too long to be measured in milliseconds"),
        ("9223372036854775807h", "the duration is too long to be measured in milliseconds"),
        ("9223372036854775s9223372036854775807ms", "the duration is too long to be measured in milliseconds"),
    ])
    func `refuses anything else and says why`(_ text: String, _ sentence: String) {
        #expect(throws: ValueProblem.malformed(sentence)) { try Duration(configurationText: text) }
    }

    @Test(arguments: [
        (Duration.zero, "0"), (.milliseconds(500), "500ms"), (.seconds(2), "2s"), (.seconds(60), "60s"),
        (.seconds(75), "75s"), (.seconds(120), "120s"), (.milliseconds(1_500), "1500ms"),
        (.seconds(121), "2m1s"), (.seconds(3_600), "1h"), (.seconds(5_400), "1h30m"),
        (.milliseconds(3_600_001), "3600001ms"), (.seconds(86_401), "24h1s"), (.seconds(604_800), "168h"),
        (.microseconds(999), "0"),
    ])
    func `prints what an operator would write`(_ duration: Duration, _ expected: String) {
        #expect(duration.configurationText == expected)
    }

    @Test func `reads back what it prints`() throws {
        for milliseconds in stride(from: 0, through: 90_000_000, by: 77_777) {
            let duration = Duration.milliseconds(milliseconds)
            #expect(try Duration(configurationText: duration.configurationText) == duration)
        }
    }
}
