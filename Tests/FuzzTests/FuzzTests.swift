import MessageFuzz
import TestSupport
import Testing

/// A short run over what `Scripts/fuzz` does for as long as one likes.
@Suite struct FuzzTests {
    @Test(arguments: FuzzTarget.allCases)
    func `every saved input is read as it should be`(_ target: FuzzTarget) {
        let inputs = SavedInputs.inputs(target)
        #expect(inputs.count > 10)
        var accepted = 0
        for input in inputs {
            do {
                if try target.check(input.bytes) { accepted += 1 }
            } catch {
                Issue.record("\(target.rawValue)/\(input.name): \(error)")
            }
        }
        // Inputs that are all refused, or all sound, would not try both ways.
        #expect(accepted > 0 && accepted < inputs.count)
    }

    @Test(arguments: FuzzTarget.allCases)
    func `mutated inputs never trap, and none is read in two ways`(_ target: FuzzTarget) {
        let inputs = SavedInputs.inputs(target).map(\.bytes)
        var mutation = Mutation(seed: 1, of: inputs, pieces: SavedInputs.pieces())
        var accepted = 0
        // A sanitizer makes each of them ten times as slow, and Scripts/fuzz runs under one.
        let count = Sanitizer.current == nil ? 2500 : 500
        for _ in 0..<count {
            do {
                if try target.check(mutation.next()) { accepted += 1 }
            } catch {
                Issue.record("\(target.rawValue): \(error)")
            }
        }
        // A mutation that breaks everything would prove nothing.
        #expect(accepted > count / 17)
    }

    @Test func `the dictionary holds what it says`() {
        let pieces = SavedInputs.pieces()
        #expect(pieces.contains([13, 10, 13, 10]))
        #expect(pieces.contains([34]))
        #expect(pieces.contains(Array("chunked".utf8)))
    }
}
