import TestSupport
import Testing

/// A request arrives in one unambiguous form or not at all.
///
/// The table says for each input what RFC 9110 and RFC 9112 say, and where they leave a choice, that nothing passes which
/// two readers could read differently.
@Suite(.serialized, OnStage()) struct RequestBytesTests {
    @Test(arguments: RequestTable.rows)
    func `a request arrives in one form or not at all`(_ row: RequestRow) throws {
        try #require(Stage.current).play(row, byteByByte: false)
    }

    @Test(arguments: RequestTable.sample)
    func `the pieces that it comes in make no difference`(_ row: RequestRow) throws {
        try #require(Stage.current).play(row, byteByByte: true)
    }

    @Test func `a row is known by its name`() {
        let names = RequestTable.rows.map(\.testDescription)
        #expect(names.count == Set(names).count)
    }
}
