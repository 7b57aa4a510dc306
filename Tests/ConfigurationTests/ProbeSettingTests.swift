import Testing

@testable import Configuration

@Suite struct ProbeSettingTests {
    @Test(arguments: [
        ("200-399", [200...399], "200-399"),
        ("200,204,301-302", [200...200, 204...204, 301...302], "200,204,301-302"),
        ("100-599", [100...599], "100-599"),
        ("204-204", [204...204], "204"),
    ])
    func `reads and prints statuses`(_ text: String, _ ranges: [ClosedRange<Int>], _ description: String)
        throws
    {
        let statuses = try StatusRanges(configurationText: text)
        #expect(statuses.ranges == ranges)
        #expect(statuses.description == description)
    }

    @Test(arguments: [
        ("", "a status is missing; write codes and ranges, for example 200-399 or 200,204,301-302"),
        ("200,", "a status is missing; write codes and ranges, for example 200-399 or 200,204,301-302"),
        ("200-", "a status is missing; write codes and ranges, for example 200-399 or 200,204,301-302"),
        ("2xx", "\"2xx\" is not a status; write codes and ranges, for example 200-399 or 200,204,301-302"),
        (
            "200, 204",
            "\" 204\" is not a status; write codes and ranges, for example 200-399 or 200,204,301-302"
        ),
        (
            "200-300-400",
            "\"300-400\" is not a status; write codes and ranges, for example 200-399 or 200,204,301-302"
        ),
        ("99", "status 99 is outside 100 to 599"),
        ("200-600", "status 600 is outside 100 to 599"),
        ("399-200", "the range 399-200 runs backwards; write 200-399"),
    ])
    func `refuses other statuses and says why`(_ text: String, _ sentence: String) {
        #expect(throws: ValueProblem.malformed(sentence)) { try StatusRanges(configurationText: text) }
    }

    @Test(arguments: ["/", "/healthz", "/a%20b?full=1&x=~y"])
    func `takes paths in origin form`(_ text: String) throws {
        #expect(try ProbeText.path(text) == text)
    }

    @Test(arguments: [
        ("", "a path begins with /, for example /healthz"),
        ("healthz", "a path begins with /, for example /healthz"),
        ("http://a/", "a path begins with /, for example /healthz"),
        ("/a#b", "a fragment is never sent to a backend; end the path before the #"),
        ("/a b", "spaces, control characters and non-ASCII letters are written as %XX in a path"),
        ("/a\r\nX: y", "spaces, control characters and non-ASCII letters are written as %XX in a path"),
        ("/ü", "spaces, control characters and non-ASCII letters are written as %XX in a path"),
    ])
    func `refuses other paths and says why`(_ text: String, _ sentence: String) {
        #expect(throws: ValueProblem.malformed(sentence)) { try ProbeText.path(text) }
    }

    @Test(arguments: ["HEAD", "GET", "OPTIONS", "M-SEARCH"])
    func `takes methods as given`(_ text: String) throws {
        #expect(try ProbeText.method(text) == text)
    }

    @Test(arguments: [
        ("", "a method is one word of letters, for example HEAD or GET"),
        ("GET /", "a method is one word of letters, for example HEAD or GET"),
        ("GET\r\n", "a method is one word of letters, for example HEAD or GET"),
        ("get", "methods are case-sensitive; write \"GET\""),
        ("CONNECT", "CONNECT asks for a tunnel and cannot be a probe; write HEAD or GET"),
    ])
    func `refuses other methods and says why`(_ text: String, _ sentence: String) {
        #expect(throws: ValueProblem.malformed(sentence)) { try ProbeText.method(text) }
    }
}
