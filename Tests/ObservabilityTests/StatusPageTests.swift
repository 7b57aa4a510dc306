import HTTPMessages
import Observability
import Testing

/// The status page is one document that trusts nobody.
@Suite struct StatusPageTests {
    private func page(nonce: String = "feed") -> String {
        let output = ByteWriter()
        StatusPage.write(nonce: nonce, to: output)
        return String(decoding: output.bytes, as: UTF8.self)
    }

    @Test func `it is whole: every part is in its place and nothing is left to fill in`() {
        let page = page()
        #expect(page.hasPrefix("<!doctype html>\n") && page.hasSuffix("</html>\n"))
        #expect(!page.contains("{{") && !page.contains("}}"))
        #expect(
            page.contains("<style nonce=\"feed\">\n:root {")
                && page.contains("<script nonce=\"feed\">\n\"use strict\"")
        )
        #expect(page.matches(of: /nonce="feed"/).count == 2)
        // Nothing in style or script may end its element.
        #expect(page.matches(of: /<\/script/).count == 1 && page.matches(of: /<\/style/).count == 1)
    }

    @Test func `it refers to nothing outside of itself but the listener's own answers`() {
        let page = page()
        let targets = page.matches(of: /(?:src|href|action)="([^"]*)"|url\(([^)]*)\)/)
            .map { String($0.1 ?? $0.2 ?? "") }
        #expect(Set(targets) == ["data:,", "metrics", "status.json"])
        #expect(!page.contains("@import") && !page.contains("https:"))
        // The one address is the name space of SVG.
        #expect(page.matches(of: /http:\/\/[^ '"]*/).map { String($0.0) } == ["http://www.w3.org/2000/svg"])
    }

    @Test(arguments: [
        "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "Function(",
        "srcdoc", "style=", "onclick", "onload", "javascript:",
    ])
    func `it never takes text for markup or code`(_ sink: String) {
        #expect(!page().contains(sink))
    }

    @Test func `its fields allow its own style and script and nothing else`() {
        let fields = StatusPage.fields(nonce: "feed")
        let policy = fields.first { $0.name == "Content-Security-Policy" }?.value
        #expect(
            policy
                == "default-src 'none'; script-src 'nonce-feed'; style-src 'nonce-feed'; img-src data:; "
                + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        #expect(fields.map(\.name).contains("X-Content-Type-Options"))
        #expect(fields.first { $0.name == "Cache-Control" }?.value == "no-store")
    }

    @Test func `a nonce is new each time and safe in a field and an attribute`() {
        let nonces = (0..<100).map { _ in StatusPage.makeNonce() }
        #expect(Set(nonces).count == 100)
        #expect(nonces.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{20,32}/) != nil })
    }
}
