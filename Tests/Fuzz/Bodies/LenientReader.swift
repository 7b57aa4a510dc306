/// Reads messages as careless servers and clients do, with every habit known to have split messages in the wild.
///
/// A message is unambiguous when all habits read the same from it. The habits are applied in three steps: where the head
/// ends and which fields frame, what these say, and where the body ends. As long as all agree after a step, the next one
/// needs to be tried once only.
struct LenientReader {
    /// What a message was taken for.
    enum Reading: Equatable {
        /// More bytes are waited for.
        case incomplete
        /// A message with this body, and the next one begins at `end`.
        case message(body: [UInt8], end: Int)
    }

    /// What is known of a body without looking at the fields.
    enum Body {
        /// As the fields say; without any there is none.
        case request
        /// As the fields say; without any it ends with the connection.
        case response
        /// An answer that has none, whatever the fields say.
        case none
    }

    /// Reads the message at the start of `bytes` in every way.
    ///
    /// - Throws: when two ways differ.
    static func read(_ bytes: [UInt8], _ body: Body) throws(Finding) -> Reading {
        var habits = HeadHabits.all
        // Applications read fields like that, not clients.
        if body != .request { habits.removeAll { $0.naming == .marks } }
        let heads = habits.map { $0.read(bytes) }
        guard let first = heads.first, heads.allSatisfy({ $0 == first }) else {
            throw Finding("readers disagree about the head", bytes)
        }
        guard let head = first else { return .incomplete }
        let extents = FramingHabits.all.map { $0.extent(bytes, head.framing) }
        guard let extent = extents.first, extents.allSatisfy({ $0 == extent }) else {
            throw Finding("readers disagree about the framing", bytes)
        }
        switch (body, extent) {
        case (.none, _): return .message(body: [], end: head.end)
        case (.request, nil): return .message(body: [], end: head.end)
        case (.response, nil): return .message(body: Array(bytes[head.end...]), end: bytes.count)
        case (_, .length(let count)):
            guard bytes.count - head.end >= count else { return .incomplete }
            return .message(body: Array(bytes[head.end..<head.end + count]), end: head.end + count)
        case (_, .chunked): return try readChunks(bytes, from: head.end)
        }
    }

    /// Reads the chunked body at `start` in every way.
    static func readChunks(_ bytes: [UInt8], from start: Int) throws(Finding) -> Reading {
        let readings = ChunkHabits.all.map { $0.read(bytes, from: start) }
        guard let first = readings.first, readings.allSatisfy({ $0 == first }) else {
            throw Finding("readers disagree about the chunks", bytes)
        }
        return first
    }

    /// How a line ends.
    enum LineEnd: CaseIterable {
        /// CR LF only.
        case pair
        /// LF, whatever stands before it.
        case lineFeed
        /// LF or CR.
        case either

        /// The line at `start` and where the next one begins.
        func line(_ bytes: [UInt8], at start: Int) -> (line: Range<Int>, next: Int)? {
            var position = start
            while position < bytes.count {
                switch (self, bytes[position]) {
                case (.pair, 10) where position > start && bytes[position - 1] == 13:
                    return (start..<position - 1, position + 1)
                case (.lineFeed, 10):
                    let end = position > start && bytes[position - 1] == 13 ? position - 1 : position
                    return (start..<end, position + 1)
                case (.either, 10): return (start..<position, position + 1)
                case (.either, 13):
                    // Whether LF follows decides how much the line end takes.
                    guard position + 1 < bytes.count else { return nil }
                    return (start..<position, position + (bytes[position + 1] == 10 ? 2 : 1))
                default: position += 1
                }
            }
            return nil
        }
    }
}

/// How a head's end and its framing fields are found.
private struct HeadHabits {
    struct Head: Equatable {
        var framing: [FramingField] = []
        var end = 0
    }

    /// What in a field's name does not count.
    enum Naming: CaseIterable {
        case nothing
        /// White space and control bytes around it.
        case blanks
        /// Which mark stands between words: `_`, `.` or any other for `-`.
        case marks
    }

    var lineEnd: LenientReader.LineEnd
    var naming: Naming
    /// A line that begins with white space continues the one before it; otherwise it is a field of its own.
    var joinsFolds: Bool

    static let all = LenientReader.LineEnd.allCases.flatMap { lineEnd in
        Naming.allCases.flatMap { naming in
            [true, false].map { HeadHabits(lineEnd: lineEnd, naming: naming, joinsFolds: $0) }
        }
    }

    func read(_ bytes: [UInt8]) -> Head? {
        var position = 0
        // Empty lines in front of the start line are skipped by nearly everybody.
        while let (line, next) = lineEnd.line(bytes, at: position) {
            position = next
            if !line.isEmpty { return readFields(bytes, from: next) }
        }
        return nil
    }

    private func readFields(_ bytes: [UInt8], from start: Int) -> Head? {
        var head = Head()
        var isFraming = false
        var position = start
        while let (line, next) = lineEnd.line(bytes, at: position) {
            position = next
            if line.isEmpty {
                head.end = next
                return head
            }
            let isFold = bytes[line.lowerBound] == 32 || bytes[line.lowerBound] == 9
            if isFold, joinsFolds {
                if isFraming { head.framing[head.framing.count - 1].value.append(contentsOf: bytes[line]) }
                continue
            }
            guard let colon = bytes[line].firstIndex(of: 58) else {
                isFraming = false
                continue
            }
            let name = normalised(bytes[line.lowerBound..<colon])
            isFraming =
                name.elementsEqual("content-length".utf8) || name.elementsEqual("transfer-encoding".utf8)
            guard isFraming else { continue }
            let value = StrictReader.trimmed(bytes[colon + 1..<line.upperBound])
            head.framing.append(FramingField(isLength: name.count == 14, value: value))
        }
        return nil
    }

    private func normalised(_ name: ArraySlice<UInt8>) -> [UInt8] {
        var name = name
        if naming == .blanks {
            while let first = name.first, first <= 32 || first >= 127 { name.removeFirst() }
            while let last = name.last, last <= 32 || last >= 127 { name.removeLast() }
        }
        return name.map { byte in
            switch byte {
            case 48...57, 97...122: return byte
            case 65...90: return byte | 32
            default: return naming == .marks ? 45 : byte
            }
        }
    }
}

/// A field that frames, as it was read.
private struct FramingField: Equatable {
    var isLength: Bool
    var value: [UInt8]
}

/// What framing fields are taken to say.
private struct FramingHabits {
    enum Extent: Equatable {
        case length(Int)
        case chunked
    }

    /// The last of several lengths counts, otherwise the first.
    var takesLast: Bool
    /// A length counts for more than a coding.
    var prefersLength: Bool
    /// `chunked` anywhere in the value is enough, otherwise it has to be the whole value.
    var seeksSubstring: Bool
    /// Numbers are read as C's `strtol` with base 0 reads them, otherwise as digits only.
    var readsLikeC: Bool

    static let all = (0..<16).map {
        FramingHabits(
            takesLast: $0 & 1 > 0,
            prefersLength: $0 & 2 > 0,
            seeksSubstring: $0 & 4 > 0,
            readsLikeC: $0 & 8 > 0
        )
    }

    func extent(_ bytes: [UInt8], _ fields: [FramingField]) -> Extent? {
        let lengths = fields.filter(\.isLength).flatMap { $0.value.split(separator: 44) }
        let codings = fields.filter { !$0.isLength }.map {
            String(decoding: $0.value, as: UTF8.self).lowercased()
        }
        let isChunked = codings.contains { seeksSubstring ? $0.contains("chunked") : $0 == "chunked" }
        let text = takesLast ? lengths.last : lengths.first
        guard let length = text.flatMap({ number(StrictReader.trimmed($0)) }) else {
            return isChunked ? .chunked : nil
        }
        return isChunked && !prefersLength ? .chunked : .length(length)
    }

    private func number(_ digits: [UInt8]) -> Int? {
        let text = String(decoding: digits, as: UTF8.self).lowercased()
        guard readsLikeC else { return text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil }
        let unsigned = text.first == "+" ? text.dropFirst() : text[...]
        if unsigned.hasPrefix("0x") { return Int(unsigned.dropFirst(2).prefix { $0.isHexDigit }, radix: 16) }
        let radix = unsigned.first == "0" ? 8 : 10
        return Int(unsigned.prefix { $0.wholeNumberValue.map { $0 < radix } ?? false }, radix: radix)
    }
}

/// How chunks are found.
private struct ChunkHabits {
    var lineEnd: LenientReader.LineEnd
    /// Sizes are read as C's `strtoul` with base 16 reads them, into 32 bits, otherwise as digits up to something else.
    var readsLikeC: Bool
    /// Two bytes behind the data are skipped unseen, otherwise the rest of the line is.
    var skipsTwo: Bool

    static let all = LenientReader.LineEnd.allCases.flatMap { lineEnd in
        (0..<4).map { ChunkHabits(lineEnd: lineEnd, readsLikeC: $0 & 1 > 0, skipsTwo: $0 & 2 > 0) }
    }

    func read(_ bytes: [UInt8], from start: Int) -> LenientReader.Reading {
        var body: [UInt8] = []
        var position = start
        while let (line, next) = lineEnd.line(bytes, at: position) {
            position = next
            let count = size(bytes[line])
            if count == 0 { return readTrailers(bytes, from: next, body) }
            guard bytes.count - position >= count else { return .incomplete }
            body += bytes[position..<position + count]
            position += count
            if skipsTwo {
                position += 2
            } else {
                guard let (_, next) = lineEnd.line(bytes, at: position) else { return .incomplete }
                position = next
            }
            guard position <= bytes.count else { return .incomplete }
        }
        return .incomplete
    }

    private func readTrailers(_ bytes: [UInt8], from start: Int, _ body: [UInt8]) -> LenientReader.Reading {
        var position = start
        while let (line, next) = lineEnd.line(bytes, at: position) {
            position = next
            if line.isEmpty { return .message(body: body, end: next) }
        }
        return .incomplete
    }

    private func size(_ line: ArraySlice<UInt8>) -> Int {
        var text = String(decoding: line, as: UTF8.self).lowercased()[...]
        if readsLikeC {
            text = text.drop { $0 == " " || $0 == "\t" || $0 == "+" }
            if text.hasPrefix("0x") { text = text.dropFirst(2) }
        }
        var size = 0
        for digit in text.prefix(while: { $0.isHexDigit }) { size = size &* 16 &+ (digit.hexDigitValue ?? 0) }
        return readsLikeC ? Int(UInt32(truncatingIfNeeded: size)) : max(size, 0)
    }
}
