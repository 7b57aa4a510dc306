public import HTTPMessages

/// The status page: one document that brings its style and its script along and asks only `status.json`.
///
/// Its parts are files in the folder of its name, put into the binary by the build.
public enum StatusPage {
    /// The media type of the page.
    public static let contentType = "text/html; charset=utf-8"

    /// Makes a word that cannot be guessed, for one answer.
    public static func makeNonce() -> String {
        var generator = SystemRandomNumberGenerator()
        let writer = ByteWriter(capacity: 32)
        // 31 bits each, 124 in all, since the writer's numbers have a sign.
        for _ in 0..<4 { writer.append(hexadecimal: Int(generator.next() as UInt32 >> 1)) }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The fields the page is served with.
    ///
    /// Nothing is allowed but the page's own style and script, and requests to where it came from.
    ///
    /// - Parameter nonce: the one that the page was written with.
    /// - Returns: the fields in order, by name.
    public static func fields(nonce: String) -> [(name: String, value: String)] {
        [
            (
                "Content-Security-Policy",
                "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; img-src data:; "
                    + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            ),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
        ]
    }

    /// Appends the page.
    ///
    /// - Parameters:
    ///   - nonce: the one that its fields name.
    ///   - output: where the page goes.
    public static func write(nonce: String, to output: ByteWriter) {
        for piece in pieces {
            if let piece {
                output.append(piece.span)
            } else {
                output.append(text: nonce)
            }
        }
    }

    /// The page with its style and script in their places, cut where the nonce belongs.
    private static let pieces: [[UInt8]?] = {
        var pieces: [[UInt8]?] = []
        var rest = PackageResources.page_html[...]
        while let begin = rest.firstRange(of: "{{".utf8), let end = rest.firstRange(of: "}}".utf8) {
            pieces.append(Array(rest[..<begin.lowerBound]))
            switch String(decoding: rest[begin.upperBound..<end.lowerBound], as: UTF8.self) {
            case "style": pieces.append(PackageResources.page_css)
            case "script": pieces.append(PackageResources.page_js)
            default: pieces.append(nil)
            }
            rest = rest[end.upperBound...]
        }
        return pieces + [Array(rest)]
    }()
}
