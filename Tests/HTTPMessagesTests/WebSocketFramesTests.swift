import HTTPMessages
import Testing

@Suite struct WebSocketFramesTests {
    /// Frames of every form of length, masked and not, with where each ends.
    private static let stream: (bytes: [UInt8], ends: Set<Int>) = {
        var bytes: [UInt8] = []
        var ends: Set<Int> = [0]
        func add(_ head: [UInt8], _ count: Int) {
            bytes += head + [UInt8](repeating: 0x88, count: count)
            ends.insert(bytes.count)
        }
        add([0x81, 0x00], 0)
        add([0x81, 0x05], 5)
        add([0x82, 0x83, 1, 2, 3, 4], 3)
        add([0x02, 126, 0x01, 0x00], 256)
        add([0x80, 0x80 | 126, 0x00, 0x7E, 9, 9, 9, 9], 126)
        add([0x89, 127, 0, 0, 0, 0, 0, 0, 0x02, 0x00], 512)
        return (bytes, ends)
    }()

    @Test func `every byte is known to lie between frames or inside one`() {
        var frames = WebSocketFrames()
        #expect(frames.isBetweenFrames)
        for (index, byte) in Self.stream.bytes.enumerated() {
            frames.follow([byte].span)
            #expect(frames.isBetweenFrames == Self.stream.ends.contains(index + 1), "after byte \(index)")
        }
        #expect(!frames.isClosed)
    }

    @Test(arguments: [1, 2, 3, 7, 64, 4096])
    func `pieces of any size lead to the same place`(_ size: Int) {
        var frames = WebSocketFrames()
        var start = 0
        while start < Self.stream.bytes.count {
            let end = min(start + size, Self.stream.bytes.count)
            frames.follow(Array(Self.stream.bytes[start..<end]).span)
            #expect(frames.isBetweenFrames == Self.stream.ends.contains(end))
            start = end
        }
    }

    @Test(arguments: [WebSocketFrames.goodbyeToClient, WebSocketFrames.goodbyeToServer])
    func `a goodbye is a whole close frame`(_ goodbye: [UInt8]) {
        var frames = WebSocketFrames()
        frames.follow(goodbye.span)
        #expect(frames.isBetweenFrames)
        #expect(frames.isClosed)
    }

    @Test func `a length beyond all memory is only counted`() {
        var frames = WebSocketFrames()
        frames.follow([0x82, 127, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3].span)
        #expect(!frames.isBetweenFrames)
    }
}
