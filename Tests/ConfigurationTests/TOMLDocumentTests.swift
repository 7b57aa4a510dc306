import Testing

@testable import Configuration

/// The reader's grammar, by the examples of the specification and by what people write instead.
@Suite struct TOMLDocumentTests {
    /// Each key with its value as Swift prints it.
    private func read(_ text: String) throws -> [String] {
        try TOMLDocument(Array(text.utf8)).entries.map {
            "\($0.path.joined(separator: "/")) = \(Self.text($0.item.value))"
        }
    }

    private static func text(_ value: TOMLDocument.Value) -> String {
        switch value {
        case .string(let text): text.debugDescription
        case .integer(let number): "\(number)"
        case .boolean(let isOn): "\(isOn)"
        case .array(let items): "[\(items.map { Self.text($0.value) }.joined(separator: " "))]"
        case .other(let kind): kind
        }
    }

    /// The place and the sentence of the error, as `offset: sentence`.
    private func refusal(_ text: String) -> String? {
        do throws(TOMLDocument.SyntaxError) {
            _ = try TOMLDocument(Array(text.utf8))
            return nil
        } catch {
            return "\(error.offset): \(error.sentence)"
        }
    }

    @Test(arguments: [
        "", "\n", "# only a comment", "\u{FEFF}", "\r\n\t \n#\ttab and é\r\n",
    ])
    func `a document may be empty`(_ text: String) throws {
        #expect(try read(text).isEmpty)
    }

    @Test(arguments: [
        ("a=1", "a = 1"), ("\u{FEFF}a = 1 # why", "a = 1"), ("a-b_9 = 1\r\n", "a-b_9 = 1"),
        ("1234 = 1", "1234 = 1"), ("\"a b\" = 1", "a b = 1"), ("'a.b' = 1", "a.b = 1"), ("\"\" = 1", " = 1"),
        ("a . \"b\" . 'c' = 1", "a/b/c = 1"), ("[t]\na = 1", "t/a = 1"), ("[ t . u ]\na = 1", "t/u/a = 1"),
        ("[[t]]\na = 1", "t/a = 1"), ("[t] # table\n\na.b = 1", "t/a/b = 1"),
    ])
    func `keys are bare, quoted, dotted and in tables`(_ text: String, _ entry: String) throws {
        #expect(try read(text) == [entry])
    }

    @Test(arguments: [
        (#""""#, ""), (#""a\tb\"\\""#, "a\tb\"\\"), (#""\b\n\f\r""#, "\u{8}\n\u{C}\r"),
        (#""\u00e9\U0001F600é""#, "é😀é"), (#"'C:\n "x"'"#, #"C:\n "x""#), ("''", ""),
        ("\"\"\"\nab\n c\"\"\"", "ab\n c"), ("\"\"\"\r\na\r\nb\"\"\"", "a\nb"),
        ("\"\"\"a \\\n   \n\t b\"\"\"", "a b"), ("\"\"\"a\\  \n b\"\"\"", "ab"),
        ("\"\"\"\"\"\"", ""), ("\"\"\"\"a\"\"\"\"\"", "\"a\"\""), ("'''\n'a'''''", "'a''"),
        ("'''\\n'''", "\\n"),
    ])
    func `texts stand in four kinds of quotes`(_ text: String, _ value: String) throws {
        #expect(try read("a = \(text)") == ["a = \(value.debugDescription)"])
    }

    @Test(arguments: [
        ("0", 0), ("+0", 0), ("-0", 0), ("-17", -17), ("1_000", 1_000), ("0xDEAD_beef", 0xDEAD_BEEF),
        ("0o755", 0o755), ("0b1101", 13), ("9223372036854775807", .max), ("-9223372036854775808", .min),
    ])
    func `integers have a base, a sign and underscores`(_ text: String, _ value: Int) throws {
        #expect(try read("a = \(text)") == ["a = \(value)"])
    }

    @Test(arguments: [
        ("true", "true"), ("false", "false"), ("1.5", "a number with a fraction"),
        ("-1e3", "a number with a fraction"), ("inf", "a number with a fraction"),
        ("-nan", "a number with a fraction"), ("2026-01-31", "a date or a time"),
        ("2026-01-31T10:30:00Z", "a date or a time"), ("10:30:00.5", "a date or a time"),
        ("{}", "a table"), ("{ b = 1, c.d = [{}] }", "a table"),
        ("[]", "[]"), ("[1, 'b', true,]", "[1 \"b\" true]"),
        ("[ # one\n  'b', # two\n\n  [ 'c' ]\n]", "[\"b\" [\"c\"]]"),
    ])
    func `other values`(_ text: String, _ value: String) throws {
        #expect(try read("a = \(text)") == ["a = \(value)"])
    }

    @Test(arguments: [
        ("a", "1: an equals sign is missing after \"a\""),
        ("a: 1", "1: an equals sign is missing after \"a\""),
        ("a.b 1", "4: an equals sign is missing after \"a.b\""),
        ("= 1", "0: \"=\" cannot begin a key; write name = value, for example workers = 4"),
        ("--a = 1\n+", "8: \"+\" cannot begin a key; write name = value, for example workers = 4"),
        ("\"\"\"a\"\"\" = 1", "0: a key stands on one line"),
        ("[t", "0: the header of the table is not closed"),
        ("[[t]", "0: the header of the table is not closed"),
        ("a =", "3: a value is missing here"), ("a = # none", "4: a value is missing here"),
        ("a =\n1", "3: a value is missing here"),
        (
            "a = 5s",
            "4: \"5s\" is neither a number nor true or false; text stands in quotes: \"5s\""
        ),
        (
            "a = 10.0.0.7:8080",
            "4: \"10.0.0.7:8080\" is neither a number nor true or false; text stands in quotes: \"10.0.0.7:8080\""
        ),
        (
            "a = 200-399",
            "4: \"200-399\" is neither a number nor true or false; text stands in quotes: \"200-399\""
        ),
        ("a = 010", "4: \"010\" is neither a number nor true or false; text stands in quotes: \"010\""),
        ("a = 1__0", "4: \"1__0\" is neither a number nor true or false; text stands in quotes: \"1__0\""),
        ("a = é\"", "4: \"é\\\"\" is neither a number nor true or false; text stands in quotes: \"5s\""),
        ("a = 9223372036854775808", "4: \"9223372036854775808\" is larger than any number"),
        ("a = 1 2", "6: \"2\" stands behind the value; each setting has a line of its own"),
        ("a = 'b'c", "7: \"c\" stands behind the value; each setting has a line of its own"),
        ("a = \"b\nc\"", "4: the text is not closed on its line"), ("a = 'b", "4: the text is not closed"),
        ("a = \"\"\"b\"\"", "4: the text is not closed"),
        ("a = \"\u{1}\"", "5: a text holds no control characters; write them as \\uXXXX"),
        ("a = \"\\q\"", "5: there is no such escape; write \\\\ for a backslash, or use single quotes"),
        ("a = \"\\u12\"", "5: 4 hexadecimal digits of a character follow this escape"),
        ("a = \"\\uD800\"", "5: 4 hexadecimal digits of a character follow this escape"),
        ("a = \"\\U00110000\"", "5: 8 hexadecimal digits of a character follow this escape"),
        ("a = \"\\ b\"", "5: a backslash stands here alone; write \\\\ for one"),
        ("a = \"\\", "5: the text ends inside of an escape"),
        ("a = [1, 2", "4: the list is not closed"), ("a = [", "4: the list is not closed"),
        ("a = [1\n2]", "7: a comma or a closing bracket is missing in the list"),
        ("a = [,]", "5: \",\" is neither a number nor true or false; text stands in quotes: \",\""),
        ("a = {b = 1", "4: the table is not closed"),
        ("# \u{7F}", "2: a comment holds no control characters"),
        ("a = 1\rb = 2", "5: a carriage return stands here without a line feed"),
        ("a = \(String(repeating: "[", count: 17))", "20: lists are nested too deeply"),
    ])
    func `what is no TOML is refused where it stands`(_ text: String, _ message: String) {
        #expect(refusal(text) == message)
    }

    /// No text may crash the reader or keep it busy: every cut and every damaged byte of a document is read.
    @Test func `cut and damaged documents are read to an end`() {
        let document = Array(
            """
            # comment
            "a" = "b\\u00e9\\n" # x
            'c'.d = '''\nx'''
            [t.u]
            e = [1, 0x1f, -2.5e3, ["x",], {y = "z"}, 2026-01-01, true]
            f = \"\"\"\\\n  g\"\"\"
            """.utf8
        )
        #expect(throws: Never.self) { try TOMLDocument(document) }
        for end in document.indices { _ = try? TOMLDocument(Array(document[..<end])) }
        for index in document.indices {
            for byte in [0, 0x0A, 0x22, 0x27, 0x5B, 0x5C, 0x5D, 0x7B, 0xC3] as [UInt8] {
                var damaged = document
                damaged[index] = byte
                _ = try? TOMLDocument(damaged)
            }
        }
    }
}
