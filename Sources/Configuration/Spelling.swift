/// Guesses which name was meant.
public enum Spelling {
    /// The candidate with the fewest edits from `name`, if they are at most a third of its letters after
    /// `prefix`.
    public static func nearest(to name: String, among candidates: [String], prefix: String = "") -> String? {
        let written = letters(of: name, after: prefix)
        // Longer names are no slips of the finger, and would make the comparison slow.
        guard written.count <= 64 else { return nil }
        let ranked = candidates.map { candidate in
            (candidate: candidate, edits: edits(written, letters(of: candidate, after: prefix)))
        }
        guard let best = ranked.min(by: { $0.edits < $1.edits }), best.edits * 3 <= written.count else {
            return nil
        }
        return best.candidate
    }

    private static func letters(of name: String, after prefix: String) -> [UInt8] {
        Array(name.uppercased().utf8.dropFirst(prefix.utf8.count))
    }

    /// Letters to insert, delete or replace to get from one to the other (Levenshtein's distance).
    private static func edits(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var previous = Array(0...second.count)
        for (row, byte) in first.enumerated() {
            var current = [row + 1]
            for (column, other) in second.enumerated() {
                let replaced = previous[column] + (byte == other ? 0 : 1)
                current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[second.count]
    }
}
